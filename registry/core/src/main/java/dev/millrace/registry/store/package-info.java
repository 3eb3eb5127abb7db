/**
 * The port to durable metadata: reads, and all-or-nothing commits of small changes with their
 * conditions. The logic above it is written once; adapters only keep these promises.
 */
@NullMarked
package dev.millrace.registry.store;

import org.jspecify.annotations.NullMarked;
