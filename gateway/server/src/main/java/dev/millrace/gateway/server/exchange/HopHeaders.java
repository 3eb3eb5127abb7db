package dev.millrace.gateway.server.exchange;

import dev.millrace.protocol.http.MillraceHeaders;
import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which headers end at the gateway, and which go on. */
public final class HopHeaders {
  /** About one connection (RFC 9110, 7.6.1), or about its framing. */
  private static final Set<String> HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "expect",
          "host");

  /** What the runtime tells the gateway and nobody else. */
  private static final String LOAD_REPORT = "endpoint-load-metrics";

  private HopHeaders() {}

  /**
   * The client's headers that go on: without hop-by-hop headers, without the credential, which is
   * the gateway's business alone, and without anything that only the platform may say.
   */
  public static MultiMap ofRequest(MultiMap headers) {
    var connection = headers.get("connection");
    var forwarded = MultiMap.caseInsensitiveMultiMap();
    for (Map.Entry<String, String> header : headers) {
      var name = header.getKey().toLowerCase(Locale.ROOT);
      if (!name.startsWith(":")
          && !HOP.contains(name)
          && !name.equals("authorization")
          && !name.startsWith(MillraceHeaders.INTERNAL_PREFIX)
          && !namedBy(connection, name)) {
        forwarded.add(name, header.getValue());
      }
    }
    return forwarded;
  }

  /** Adds the upstream's headers that go on to the client. */
  public static void copyResponse(MultiMap from, MultiMap to) {
    var connection = from.get("connection");
    for (Map.Entry<String, String> header : from) {
      var name = header.getKey().toLowerCase(Locale.ROOT);
      if (!name.startsWith(":")
          && !HOP.contains(name)
          && !name.equals(LOAD_REPORT)
          && !name.startsWith(MillraceHeaders.INTERNAL_PREFIX)
          && !namedBy(connection, name)) {
        to.add(name, header.getValue());
      }
    }
  }

  private static boolean namedBy(@Nullable String connection, String name) {
    if (connection == null || connection.equalsIgnoreCase("keep-alive")) {
      return false;
    }
    for (var token : connection.split(",", -1)) {
      if (token.strip().equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }
}
