package dev.millrace.gateway.server.config;

import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which web pages may call. Immutable, valid once made. Pages that a browser's cookies speak for
 * have no part in it: credentials are keys, which a page sends itself.
 *
 * @param origins as browsers write them, {@code https://app.example.com}; one that is {@code *}
 *     stands for every page; none switches CORS off
 * @param maxAge how long a browser may remember a permission
 */
public record CorsOptions(Set<String> origins, Duration maxAge) {
  /** No page may call. */
  public static final CorsOptions OFF = new CorsOptions(Set.of(), Duration.ofHours(1));

  private static final String ANY = "*";

  /** What browsers write: lower case, and a port only where it is not the scheme's own. */
  private static final Pattern ORIGIN =
      Pattern.compile("https?://([a-z0-9][a-z0-9.-]*|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");

  public CorsOptions {
    origins = Set.copyOf(origins);
    for (var origin : origins) {
      if (!origin.equals(ANY) && !ORIGIN.matcher(origin).matches()) {
        throw new IllegalArgumentException(
            ("millrace.gateway.cors.origins: %s (expected: *, or origins such as"
                    + " https://app.example.com, without a path, comma-separated)")
                .formatted(origin));
      }
    }
    if (maxAge.isNegative()) {
      throw new IllegalArgumentException(
          "millrace.gateway.cors.max-age: %s (expected: 0 or more)".formatted(maxAge));
    }
  }

  /** Whether any page may call. */
  public boolean on() {
    return !origins.isEmpty();
  }

  /** Whether every page may call. */
  public boolean any() {
    return origins.contains(ANY);
  }

  /** Whether a page of that origin may call. */
  public boolean allows(String origin) {
    return any() || origins.contains(origin);
  }
}
