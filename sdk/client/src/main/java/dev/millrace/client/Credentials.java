package dev.millrace.client;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Proves to the gateway who calls. Thread-safe; the client asks for the header with each call, so
 * that a credential may renew itself. {@code toString} never shows the secret.
 */
public interface Credentials {
  /** The value of the {@code Authorization} header, or null to send none. Must not block. */
  @Nullable String authorization();

  /**
   * An API key.
   *
   * @param key the key as the platform printed it; surrounding white space is dropped
   */
  static Credentials apiKey(String key) {
    return new BearerKey(Objects.requireNonNull(key, "key").strip());
  }

  /** No credential: for a server that runs without authentication, and for health. */
  static Credentials none() {
    return Anonymous.INSTANCE;
  }

  /** An API key, sent as a bearer token. */
  final class BearerKey implements Credentials {
    private final String header;

    BearerKey(String key) {
      if (key.isEmpty() || key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new IllegalArgumentException(
            "key: empty or with characters that no key has (expected: printable ASCII)");
      }
      this.header = "Bearer " + key;
    }

    @Override
    public String authorization() {
      return header;
    }

    @Override
    public String toString() {
      return "apiKey(****)";
    }
  }

  /** Sends nothing. */
  enum Anonymous implements Credentials {
    INSTANCE;

    @Override
    public @Nullable String authorization() {
      return null;
    }

    @Override
    public String toString() {
      return "none";
    }
  }
}
