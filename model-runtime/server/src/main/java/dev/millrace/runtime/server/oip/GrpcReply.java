package dev.millrace.runtime.server.oip;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * The answer to a gRPC call that went well.
 *
 * <p>Ownership: whoever gets a reply closes it after the last byte of the message has been sent, as
 * with {@link OipReply}.
 *
 * @param message the encoded message in parts, each from position to limit; to be sent as it is
 * @param headers metadata to send before the message, by lower-case name
 * @param release gives the memory of the message back
 */
public record GrpcReply(List<ByteBuffer> message, Map<String, String> headers, Runnable release)
    implements AutoCloseable {

  /** An answer whose message is nobody else's memory. */
  GrpcReply(List<ByteBuffer> message, Map<String, String> headers) {
    this(message, headers, () -> {});
  }

  /** Bytes of the message. */
  public long size() {
    long size = 0;
    for (int i = 0; i < message.size(); i++) {
      size += message.get(i).remaining();
    }
    return size;
  }

  @Override
  public void close() {
    release.run();
  }
}
