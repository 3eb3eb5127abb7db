package dev.millrace.gateway.server.control;

import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The platform's address as the caller used it, for documents that name it. A caller can write
 * anything into its {@code Host} header, so only plain names and addresses count; otherwise it is
 * the address that the connection came in at. {@code X-Forwarded-*} and {@code Forwarded} count
 * where the operator switched on {@code quarkus.http.proxy.*}, and only then.
 */
final class CallersAddress {
  private static final Pattern PLAIN =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

  private CallersAddress() {}

  static String of(HttpServerRequest request) {
    var scheme = "https".equalsIgnoreCase(request.scheme()) ? "https" : "http";
    var authority = request.authority();
    var named = authority == null ? null : authority.toString();
    return scheme + "://" + (isPlain(named) ? named : local(request));
  }

  static boolean isPlain(@Nullable String authority) {
    return authority != null && PLAIN.matcher(authority).matches();
  }

  private static String local(HttpServerRequest request) {
    var address = request.localAddress();
    var host = address.hostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.port();
  }
}
