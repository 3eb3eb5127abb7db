/**
 * The gRPC server: raw message bytes come in from Netty, go to {@link
 * dev.millrace.runtime.server.oip.OipGrpcHandler}, and its buffers go out. No generated stub is
 * involved, so a message is copied once, off the wire.
 */
@NullMarked
package dev.millrace.runtime.server.grpc;

import org.jspecify.annotations.NullMarked;
