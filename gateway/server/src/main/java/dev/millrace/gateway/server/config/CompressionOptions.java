package dev.millrace.gateway.server.config;

/**
 * Which answers are compressed for clients that accept it. Immutable, valid once made.
 *
 * @param on whether any are
 * @param minSize fewest bytes that are worth it
 */
public record CompressionOptions(boolean on, long minSize) {
  /** What holds where nothing is said: from about two packets on. */
  public static final CompressionOptions DEFAULT = new CompressionOptions(true, 2 << 10);

  public CompressionOptions {
    if (minSize < 1) {
      throw new IllegalArgumentException(
          "millrace.gateway.compression.min-size: %d (expected: 1 or more)".formatted(minSize));
    }
  }
}
