package dev.millrace.registry.server.rest;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.document.StrictDocuments;
import dev.millrace.registry.model.NameRule;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How bodies of requests are read. */
public final class Bodies {
  /** Largest document; uploads have their own limit. */
  private static final int LARGEST_DOCUMENT = 1 << 20;

  private Bodies() {}

  /** A document that a person wrote: strict, and JSON by its content type when it names one. */
  static <T> T document(HttpHeaders headers, InputStream body, Class<T> type) {
    refuseEncoding(headers);
    var contentType = header(headers, "content-type").toLowerCase(Locale.ROOT);
    // A form type is what curl says when nobody tells it otherwise.
    if (!contentType.isEmpty()
        && !contentType.contains("json")
        && !contentType.startsWith("application/x-www-form-urlencoded")) {
      throw MillraceException.of(
          ErrorCode.UNSUPPORTED_MEDIA,
          "content type '%s' (expected: application/json)",
          NameRule.quoted(contentType));
    }
    return StrictDocuments.json(bytes(body), type, "the body");
  }

  /** All bytes of a document. */
  public static byte[] bytes(InputStream body) {
    try {
      var bytes = body.readNBytes(LARGEST_DOCUMENT + 1);
      if (bytes.length > LARGEST_DOCUMENT) {
        throw MillraceException.of(
            ErrorCode.PAYLOAD_TOO_LARGE, "the document is larger than %d bytes", LARGEST_DOCUMENT);
      }
      return bytes;
    } catch (IOException broken) {
      throw brokenOff(broken);
    }
  }

  /** An upload as it comes in; when the client goes away, reading says so in our words. */
  static InputStream upload(HttpHeaders headers, InputStream body) {
    refuseEncoding(headers);
    return new FilterInputStream(body) {
      @Override
      public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) {
        try {
          return in.read(bytes, offset, length);
        } catch (IOException broken) {
          throw brokenOff(broken);
        }
      }
    };
  }

  /** What {@code Content-Length} says; −1 without one. */
  static long announcedLength(HttpHeaders headers) {
    try {
      return Long.parseLong(header(headers, "content-length"));
    } catch (NumberFormatException chunked) {
      return -1;
    }
  }

  /** The first value of a header; empty without one. */
  static String header(HttpHeaders headers, String name) {
    @Nullable String value = headers.getHeaderString(name);
    return value == null ? "" : value.strip();
  }

  private static void refuseEncoding(HttpHeaders headers) {
    var encoding = header(headers, "content-encoding");
    if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
      throw MillraceException.of(
          ErrorCode.UNSUPPORTED_MEDIA,
          "content encoding '%s' (expected: none)",
          NameRule.quoted(encoding));
    }
  }

  private static MillraceException brokenOff(IOException broken) {
    return MillraceException.of(
            ErrorCode.CLIENT_CLOSED, "the connection broke off in the middle of the body")
        .withCause(broken);
  }
}
