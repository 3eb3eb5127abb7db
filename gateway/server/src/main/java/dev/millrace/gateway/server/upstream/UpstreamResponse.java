package dev.millrace.gateway.server.upstream;

import io.netty.buffer.Unpooled;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a replica answers.
 *
 * @param status HTTP status; 200 for gRPC
 * @param headers names in any case
 * @param body the answer's bytes; a stream is paused until its handlers are set
 * @param trailers asked once the body has ended: {@code grpc-status} and what goes with it. A gRPC
 *     failure without a message may have them in {@code headers} instead, and an empty body
 * @param release gives the memory of a body in memory back; idempotent
 */
public record UpstreamResponse(
    int status, MultiMap headers, UpstreamBody body, Supplier<MultiMap> trailers, Runnable release)
    implements AutoCloseable {
  private static final Runnable NOTHING = () -> {};

  /**
   * An HTTP answer in memory.
   *
   * @param body not copied; must not change before {@code release} is called
   * @param release called once the last byte is written, or when nobody wants the answer
   */
  public static UpstreamResponse http(
      int status, MultiMap headers, List<ByteBuffer> body, Runnable release) {
    return new UpstreamResponse(
        status,
        headers,
        new UpstreamBody.Whole(wrap(body)),
        MultiMap::caseInsensitiveMultiMap,
        release);
  }

  /**
   * A gRPC answer in memory.
   *
   * @param frames frame headers and messages; empty for a failure. Not copied; must not change
   *     before {@code release} is called
   * @param trailers with {@code grpc-status}
   * @param release called once the last byte is written, or when nobody wants the answer
   */
  public static UpstreamResponse grpc(
      MultiMap headers, List<ByteBuffer> frames, MultiMap trailers, Runnable release) {
    return new UpstreamResponse(
        200, headers, new UpstreamBody.Whole(wrap(frames)), () -> trailers, release);
  }

  /** Gives the body's memory back. Whoever takes the answer does this at the end. */
  @Override
  public void close() {
    release.run();
  }

  /** An answer that comes over a connection; pauses it. Called when its head has just come. */
  public static UpstreamResponse of(HttpClientResponse response) {
    response.pause();
    return new UpstreamResponse(
        response.statusCode(),
        response.headers(),
        new UpstreamBody.Streaming(response, contentLength(response)),
        response::trailers,
        NOTHING);
  }

  private static long contentLength(HttpClientResponse response) {
    var length = response.getHeader("content-length");
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException malformed) {
      return -1;
    }
  }

  @SuppressWarnings("deprecation") // the only way to make a Vert.x 4 buffer without copying
  private static Buffer wrap(List<ByteBuffer> parts) {
    return Buffer.buffer(
        parts.size() == 1
            ? Unpooled.wrappedBuffer(parts.getFirst())
            : Unpooled.wrappedBuffer(parts.size() + 1, parts.toArray(ByteBuffer[]::new)));
  }
}
