package dev.millrace.gateway.server.upstream;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;

/**
 * The bytes of a request or an answer: whole, or as they come.
 *
 * <p>For gRPC they are the call's DATA bytes, frame headers (one flag, four bytes of length)
 * included.
 */
public sealed interface UpstreamBody {
  /** All bytes at once; the buffer is not changed after it is handed over. */
  record Whole(Buffer bytes) implements UpstreamBody {}

  /**
   * Bytes as they come.
   *
   * @param stream paused; whoever takes the body sets its handlers on the call's event loop, then
   *     resumes it. It fails, with a {@link dev.millrace.protocol.error.MillraceException} where
   *     the body is over a limit
   * @param length as announced; −1 when not known
   */
  record Streaming(ReadStream<Buffer> stream, long length) implements UpstreamBody {}

  /** No bytes. */
  UpstreamBody EMPTY = new Whole(Buffer.buffer(0));

  /**
   * Waits for all bytes. The stream bounds itself, so this does too. Called on the call's event
   * loop, at most once.
   */
  default Future<Buffer> collect() {
    return switch (this) {
      case Whole whole -> Future.succeededFuture(whole.bytes());
      case Streaming streaming -> BodyCollector.collect(streaming);
    };
  }
}
