package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.netty.buffer.ByteBufInputStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** Looks into a body that is kept: here when it is small, on a worker when it is not. */
final class BodyScan {
  /** Looking at more than this would hold up the other calls of the event loop. */
  private static final int LARGEST_ON_LOOP = 64 << 10;

  private BodyScan() {}

  /**
   * Looks into {@code body}.
   *
   * @param bound most bytes, inflated
   * @param look reads the inflated body; must not be null; may throw a {@link MillraceException}
   */
  static <T> Future<T> scan(
      Exchange exchange, Buffer body, long bound, Function<InputStream, T> look) {
    var encoding = exchange.request().getHeader("content-encoding");
    boolean small = body.length() <= LARGEST_ON_LOOP && encoding == null;
    if (!small) {
      return exchange
          .context()
          .vertx()
          .executeBlocking(() -> scan(body, encoding, bound, look), false)
          .map(Objects::requireNonNull);
    }
    try {
      return Future.succeededFuture(scan(body, null, bound, look));
    } catch (MillraceException refused) {
      return Future.failedFuture(refused);
    }
  }

  @SuppressWarnings("deprecation") // reading a Vert.x 4 buffer without copying it
  private static <T> T scan(
      Buffer body, @Nullable String encoding, long bound, Function<InputStream, T> look) {
    var raw = new ByteBufInputStream(body.getByteBuf().duplicate());
    try (var bytes = decoded(raw, encoding, bound)) {
      return look.apply(bytes);
    } catch (IOException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the body is not valid %s data", encoding);
    }
  }

  private static InputStream decoded(InputStream body, @Nullable String encoding, long bound)
      throws IOException {
    if (encoding == null) {
      return body;
    }
    return switch (encoding.strip().toLowerCase(Locale.ROOT)) {
      case "identity", "" -> body;
      case "gzip" -> new BoundedStream(new GZIPInputStream(body), bound);
      case "deflate" -> new BoundedStream(new InflaterInputStream(body), bound);
      default ->
          throw MillraceException.of(
              ErrorCode.UNSUPPORTED_MEDIA,
              "content-encoding '%s' is not offered (expected: gzip, deflate or identity)",
              encoding);
    };
  }
}
