/**
 * The numbered view that gateways and runtimes follow. Each change of the store or of the members
 * enters through one reconciler; snapshots leave to whoever waits.
 */
@NullMarked
package dev.millrace.registry.snapshot;

import org.jspecify.annotations.NullMarked;
