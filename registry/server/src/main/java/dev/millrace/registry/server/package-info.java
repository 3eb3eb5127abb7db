/** Quarkus edge of the registry: wiring, REST, JDBC and blob adapters. */
@NullMarked
package dev.millrace.registry.server;

import org.jspecify.annotations.NullMarked;
