/**
 * The Open Inference Protocol without a transport: paths, headers and buffers come in, a status,
 * headers and buffers go out. HTTP routes, the gRPC server and an upstream in the same process call
 * {@link dev.millrace.runtime.server.oip.OipHttpHandler} and {@link
 * dev.millrace.runtime.server.oip.OipGrpcHandler}.
 */
@NullMarked
package dev.millrace.runtime.server.oip;

import org.jspecify.annotations.NullMarked;
