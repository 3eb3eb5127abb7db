package dev.millrace.runtime.server.oip;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * The answer to a gRPC call that went well.
 *
 * @param message the encoded message in parts, each from position to limit; to be sent as it is
 * @param headers metadata to send before the message, by lower-case name
 */
public record GrpcReply(List<ByteBuffer> message, Map<String, String> headers) {}
