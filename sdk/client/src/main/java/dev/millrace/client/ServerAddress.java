package dev.millrace.client;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Where a gateway listens: HTTP and gRPC share the port.
 *
 * @param base scheme, host, port and a path prefix without a trailing slash
 */
record ServerAddress(URI base) {
  /**
   * Reads {@code http://host:port} or {@code https://host[:port]}, with an optional path prefix.
   *
   * @throws MillraceException INVALID_ARGUMENT when it is anything else
   */
  static ServerAddress parse(String url) {
    URI uri;
    try {
      uri = URI.create(url.strip());
    } catch (IllegalArgumentException malformed) {
      throw invalid(url);
    }
    String scheme = uri.getScheme();
    boolean http = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
    if (!http || uri.getHost() == null || uri.getQuery() != null || uri.getUserInfo() != null) {
      throw invalid(url);
    }
    String text = uri.toString();
    while (text.endsWith("/")) {
      text = text.substring(0, text.length() - 1);
    }
    return new ServerAddress(URI.create(text));
  }

  private static MillraceException invalid(String url) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "url '%s' is not an address of a server (expected: http://host:port or https://host)",
        url);
  }

  boolean tls() {
    return "https".equalsIgnoreCase(base.getScheme());
  }

  String host() {
    return base.getHost();
  }

  int port() {
    return base.getPort() >= 0 ? base.getPort() : tls() ? 443 : 80;
  }

  /** The address of a path that starts with a slash and is already encoded. */
  URI resolve(String path) {
    return URI.create(base + path);
  }

  /** A name as one segment of a path. */
  static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
