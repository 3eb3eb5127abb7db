package dev.millrace.benchmarks.wire;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens and how to be let in.
 *
 * @param http base of the REST paths: {@code http} or {@code https}, host and port
 * @param grpc {@code host:port}, plain text
 * @param key sent as a bearer token; null sends none
 */
public record ServerAddress(URI http, String grpc, @Nullable String key) {
  /** Checks that both addresses name a host. */
  public ServerAddress {
    if (http.getHost() == null) {
      throw new IllegalArgumentException(
          "url: " + http + " (expected: for example http://localhost:8080)");
    }
    if (!grpc.matches(".+:\\d+")) {
      throw new IllegalArgumentException("grpc: " + grpc + " (expected: HOST:PORT)");
    }
  }

  /** A server of this machine that answers both protocols on one port, without a key. */
  public static ServerAddress local(int port) {
    return new ServerAddress(URI.create("http://127.0.0.1:" + port), "127.0.0.1:" + port, null);
  }

  boolean tls() {
    return "https".equals(http.getScheme());
  }

  int httpPort() {
    if (http.getPort() >= 0) {
      return http.getPort();
    }
    return tls() ? 443 : 80;
  }
}
