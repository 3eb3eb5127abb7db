package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.server.exchange.ClientBody;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.util.Locale;
import java.util.Set;

/** How a client's body enters the gateway. */
final class RequestBody {
  /** The blank one is what some clients send for none. */
  private static final Set<String> OFFERED = Set.of("gzip", "deflate", "identity", "");

  private RequestBody() {}

  /**
   * The announced length; −1 when there is none.
   *
   * @throws MillraceException PAYLOAD_TOO_LARGE or, for an encoding that is not offered,
   *     UNSUPPORTED_MEDIA, before a byte of it is read
   */
  static long checkedLength(Exchange exchange, long bound) {
    var encoding = exchange.request().getHeader("content-encoding");
    if (encoding != null && !OFFERED.contains(encoding.strip().toLowerCase(Locale.ROOT))) {
      throw MillraceException.of(
          ErrorCode.UNSUPPORTED_MEDIA,
          "content encoding '%s' is not offered (expected: gzip, deflate or identity)",
          encoding);
    }
    var announced = exchange.request().getHeader("content-length");
    if (announced == null) {
      return -1;
    }
    long length;
    try {
      length = Long.parseLong(announced);
    } catch (NumberFormatException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "content-length: '%s' (expected: a number)", announced);
    }
    if (length > bound) {
      throw ClientBody.tooLarge(bound);
    }
    return length;
  }

  /** The body as it comes. */
  static UpstreamBody streaming(Exchange exchange, long bound, long length) {
    return new UpstreamBody.Streaming(new ClientBody(exchange, bound), length);
  }

  /** {@code path} with the client's query. */
  static String uri(Exchange exchange, String path) {
    var query = exchange.request().query();
    return query == null ? path : path + "?" + query;
  }
}
