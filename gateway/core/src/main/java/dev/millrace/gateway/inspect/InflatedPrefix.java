package dev.millrace.gateway.inspect;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * As much of a compressed message as its first bytes tell, within a bound: a small prefix that
 * would inflate to gigabytes costs no more than the bound.
 *
 * @param bytes inflated, at most the bound
 * @param complete whether the message ends with them
 */
record InflatedPrefix(byte[] bytes, boolean complete) {

  /**
   * Inflates what has come so far.
   *
   * @param encoding {@code gzip} or {@code deflate} (zlib-wrapped, as gRPC means it)
   * @throws MillraceException NOT_IMPLEMENTED for another encoding, INVALID_ARGUMENT for bytes that
   *     are not of it
   */
  static InflatedPrefix inflate(String encoding, byte[] compressed, int bound) {
    var inflated = new byte[bound];
    int length = 0;
    try (var stream = open(encoding, new ByteArrayInputStream(compressed))) {
      while (length < bound) {
        int read = stream.read(inflated, length, bound - length);
        if (read < 0) {
          return new InflatedPrefix(Arrays.copyOf(inflated, length), true);
        }
        length += read;
      }
    } catch (EOFException moreToCome) {
      return new InflatedPrefix(Arrays.copyOf(inflated, length), false);
    } catch (IOException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the message is not valid %s data", encoding);
    }
    return new InflatedPrefix(inflated, false);
  }

  private static InputStream open(String encoding, InputStream compressed) throws IOException {
    return switch (encoding) {
      case "gzip" -> new GZIPInputStream(compressed);
      case "deflate" -> new InflaterInputStream(compressed);
      default ->
          throw MillraceException.of(
              ErrorCode.NOT_IMPLEMENTED,
              "grpc-encoding '%s' is not offered (expected: gzip, deflate or identity)",
              encoding);
    };
  }
}
