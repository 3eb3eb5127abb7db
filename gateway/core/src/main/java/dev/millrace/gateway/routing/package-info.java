/**
 * Which version and which replicas a call goes to: a snapshot comes in and becomes an immutable
 * table; a project, an endpoint and a hash go in and a {@link dev.millrace.gateway.routing.Route}
 * comes out. No clock, no randomness, no I/O.
 */
@NullMarked
package dev.millrace.gateway.routing;

import org.jspecify.annotations.NullMarked;
