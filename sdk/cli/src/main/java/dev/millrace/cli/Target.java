package dev.millrace.cli;

import dev.millrace.client.Credentials;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server that a command talks to, and as whom.
 *
 * @param url its address
 * @param credentials how the command proves who it is
 * @param origin where url and key were found, for people
 */
public record Target(String url, Credentials credentials, String origin) {
  private static final int DEFAULT_PORT = 8080;

  /**
   * Decides: {@code --url}, {@code --port} and {@code MILLRACE_URL} in this order; otherwise the
   * one server that runs on this machine; otherwise port 8080. The key is {@code --key}, {@code
   * MILLRACE_API_KEY}, or that of a server of this user on this machine. A key that was found, not
   * given, is sent to the address it was found for and to no other.
   */
  public static Target find(
      Terminal terminal, @Nullable String url, @Nullable Integer port, @Nullable String key) {
    String address = address(terminal, url, port);
    Optional<String> given =
        Optional.ofNullable(key).or(() -> terminal.variable("MILLRACE_API_KEY"));
    if (given.isPresent()) {
      return new Target(
          address, Credentials.apiKey(given.get()), key == null ? "MILLRACE_API_KEY" : "--key");
    }
    Optional<ServerFile> local = localServer(terminal, address);
    Optional<String> found = local.flatMap(ServerFile::key);
    if (found.isPresent()) {
      return new Target(
          address, Credentials.apiKey(found.get()), "key file " + local.get().keyFile());
    }
    return new Target(address, Credentials.none(), "no key");
  }

  private static String address(Terminal terminal, @Nullable String url, @Nullable Integer port) {
    if (url != null) {
      return url;
    }
    if (port != null) {
      return "http://127.0.0.1:" + port;
    }
    Optional<String> variable = terminal.variable("MILLRACE_URL");
    if (variable.isPresent()) {
      return variable.get();
    }
    List<ServerFile> running = ServerFile.running(terminal);
    return running.size() == 1 ? running.get(0).url() : "http://127.0.0.1:" + DEFAULT_PORT;
  }

  /** The file of the server behind a loopback address, if this user runs one there. */
  private static Optional<ServerFile> localServer(Terminal terminal, String address) {
    URI uri;
    try {
      uri = URI.create(address);
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
    String host = uri.getHost();
    boolean loopback =
        "localhost".equals(host)
            || "[::1]".equals(host)
            || (host != null && host.matches("127\\.[0-9.]+"));
    if (!loopback || !"http".equals(uri.getScheme()) || uri.getPort() < 0) {
      return Optional.empty();
    }
    return ServerFile.read(ServerFile.path(terminal, uri.getPort())).filter(ServerFile::alive);
  }
}
