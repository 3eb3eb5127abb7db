package dev.millrace.registry.snippet;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The platform's address as a caller reached it. Callers choose what their {@code Host} header
 * says, and snippets are run in shells: only plain host names and addresses get this far.
 *
 * @param text {@code http://host[:port]} or {@code https://host[:port]}
 */
public record PlatformUrl(String text) {
  private static final Pattern PLAIN =
      Pattern.compile(
          "https?://([A-Za-z0-9]([A-Za-z0-9.-]{0,252})|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

  public PlatformUrl {
    if (!PLAIN.matcher(text).matches()) {
      throw new IllegalArgumentException("base url: not plain (expected: http://host:port)");
    }
  }

  /** The address, when {@code text} is a plain one. */
  public static Optional<PlatformUrl> of(String text) {
    return PLAIN.matcher(text).matches() ? Optional.of(new PlatformUrl(text)) : Optional.empty();
  }

  /** Whether calls are encrypted. */
  boolean tls() {
    return text.startsWith("https:");
  }

  /** {@code host:port}, as gRPC tools want it. */
  String target() {
    var uri = URI.create(text);
    return uri.getPort() > 0 ? uri.getAuthority() : uri.getHost() + (tls() ? ":443" : ":80");
  }

  @Override
  public String toString() {
    return text;
  }
}
