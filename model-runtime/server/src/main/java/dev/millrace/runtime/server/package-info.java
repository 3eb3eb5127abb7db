/** Quarkus edge of the runtime: protocol handlers, replicas, snapshot following. */
@NullMarked
package dev.millrace.runtime.server;

import org.jspecify.annotations.NullMarked;
