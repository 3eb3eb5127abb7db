/**
 * gRPC's own services, which the gateway answers itself: health checking and server reflection.
 * Calls come in with their frames; messages go out by {@link
 * dev.millrace.gateway.server.grpc.StandardHandler}.
 */
@NullMarked
package dev.millrace.gateway.server.grpc;

import org.jspecify.annotations.NullMarked;
