package dev.millrace.gateway.server.exchange;

import dev.millrace.protocol.http.MillraceHeaders;
import io.vertx.core.MultiMap;
import java.util.List;
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
      if (goesOn(name) && !namedBy(connection, name)) {
        forwarded.add(name, header.getValue());
      }
    }
    return forwarded;
  }

  /** Whether a client's header of that name goes on, unless its connection header forbids it. */
  public static boolean goesOn(String lowerCaseName) {
    return !lowerCaseName.startsWith(":")
        && !HOP.contains(lowerCaseName)
        && !lowerCaseName.equals("authorization")
        && !lowerCaseName.startsWith(MillraceHeaders.INTERNAL_PREFIX);
  }

  /**
   * Adds the upstream's headers that go on to the client's answer. What the gateway has set there
   * already stays: an upstream does not name itself or the call.
   */
  public static void copyResponse(MultiMap from, MultiMap to) {
    var connection = from.get("connection");
    var ours = to.isEmpty() ? List.<Map.Entry<String, String>>of() : to.entries();
    for (Map.Entry<String, String> header : from) {
      var name = header.getKey().toLowerCase(Locale.ROOT);
      if (!name.startsWith(":")
          && !HOP.contains(name)
          && !name.equals(LOAD_REPORT)
          && !name.startsWith(MillraceHeaders.INTERNAL_PREFIX)
          && !contains(ours, name)
          && !namedBy(connection, name)) {
        to.add(name, header.getValue());
      }
    }
  }

  private static boolean contains(List<Map.Entry<String, String>> headers, String name) {
    for (var header : headers) {
      if (header.getKey().equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
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
