package dev.millrace.runtime.server.oip;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * The answer to an {@link OipCall}.
 *
 * <p>Ownership: whoever gets a reply closes it after the last byte of the body has been sent; the
 * memory then serves another batch. A reply that is never closed leaks nothing for good, only reuse
 * is lost.
 *
 * @param status HTTP status
 * @param headers by lower-case name, without content-length
 * @param body parts in order, each from position to limit; to be sent as they are, not changed
 * @param release gives the memory of the body back
 */
public record OipReply(
    int status, Map<String, String> headers, List<ByteBuffer> body, Runnable release)
    implements AutoCloseable {

  /** An answer whose body is nobody else's memory. */
  OipReply(int status, Map<String, String> headers, List<ByteBuffer> body) {
    this(status, headers, body, () -> {});
  }

  /** Bytes of the body. */
  public long size() {
    long size = 0;
    for (int i = 0; i < body.size(); i++) {
      size += body.get(i).remaining();
    }
    return size;
  }

  @Override
  public void close() {
    release.run();
  }
}
