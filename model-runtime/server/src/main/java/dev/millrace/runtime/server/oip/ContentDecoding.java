package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** Undoes a request's {@code Content-Encoding}: gzip, deflate (zlib) or identity, bounded. */
final class ContentDecoding {
  private ContentDecoding() {}

  /** Whether the body is sent as it is. */
  static boolean isIdentity(@Nullable String encoding) {
    return encoding == null || encoding.isBlank() || encoding.strip().equalsIgnoreCase("identity");
  }

  /**
   * The body without its encoding.
   *
   * @param maxBytes most bytes it may have
   * @throws MillraceException UNSUPPORTED_MEDIA for another encoding, PAYLOAD_TOO_LARGE over the
   *     limit, INVALID_ARGUMENT for a broken body
   */
  static ByteBuffer decode(@Nullable String encoding, ByteBuffer body, int maxBytes) {
    if (encoding == null || isIdentity(encoding)) {
      return body;
    }
    byte[] compressed = new byte[body.remaining()];
    body.duplicate().get(compressed);
    var source = new ByteArrayInputStream(compressed);
    try (InputStream in = inflating(encoding, source)) {
      byte[] plain = in.readNBytes(maxBytes);
      if (in.read() >= 0) {
        throw tooLarge(maxBytes);
      }
      return ByteBuffer.wrap(plain);
    } catch (IOException broken) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the body is not valid %s", encoding.strip());
    }
  }

  /** What is said of a body over the limit. */
  static MillraceException tooLarge(int maxBytes) {
    return MillraceException.of(
        ErrorCode.PAYLOAD_TOO_LARGE, "the body has more than %d bytes", maxBytes);
  }

  private static InputStream inflating(String encoding, InputStream source) throws IOException {
    return switch (encoding.strip().toLowerCase(Locale.ROOT)) {
      case "gzip" -> new GZIPInputStream(source, 1 << 16);
      case "deflate" -> new InflaterInputStream(source);
      default ->
          throw MillraceException.of(
              ErrorCode.UNSUPPORTED_MEDIA,
              "content encoding '%s' (expected: gzip, deflate or identity)",
              encoding);
    };
  }
}
