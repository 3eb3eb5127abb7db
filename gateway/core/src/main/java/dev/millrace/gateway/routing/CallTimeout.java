package dev.millrace.gateway.routing;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How long a caller wants to wait, in the forms in which it is said. Pure. */
public final class CallTimeout {
  private static final int MOST_GRPC_DIGITS = 8;
  private static final int MOST_DIGITS = 12;

  private CallTimeout() {}

  /**
   * Reads {@code millrace-timeout}: milliseconds, at least 1.
   *
   * @throws MillraceException INVALID_ARGUMENT
   */
  public static Optional<Duration> ofHeader(@Nullable String millis) {
    if (millis == null) {
      return Optional.empty();
    }
    long value = digits(millis, millis.length(), MOST_DIGITS);
    if (value < 1) {
      throw malformed("millrace-timeout", millis, "milliseconds, at least 1");
    }
    return Optional.of(Duration.ofMillis(value));
  }

  /**
   * Reads {@code grpc-timeout}: up to eight digits and a unit of {@code H M S m u n}.
   *
   * @throws MillraceException INVALID_ARGUMENT
   */
  public static Optional<Duration> ofGrpc(@Nullable String timeout) {
    if (timeout == null) {
      return Optional.empty();
    }
    int length = timeout.length() - 1;
    long value = length < 1 ? -1 : digits(timeout, length, MOST_GRPC_DIGITS);
    if (value < 0) {
      throw malformed("grpc-timeout", timeout, "up to 8 digits and a unit");
    }
    return Optional.of(
        switch (timeout.charAt(length)) {
          case 'H' -> Duration.ofHours(value);
          case 'M' -> Duration.ofMinutes(value);
          case 'S' -> Duration.ofSeconds(value);
          case 'm' -> Duration.ofMillis(value);
          case 'u' -> Duration.ofNanos(value * 1_000);
          case 'n' -> Duration.ofNanos(value);
          default -> throw malformed("grpc-timeout", timeout, "a unit of H M S m u n");
        });
  }

  /** Writes {@code grpc-timeout}, rounded up to milliseconds. */
  public static String toGrpc(Duration timeout) {
    long millis = Math.max(1, timeout.toMillis());
    return millis <= 99_999_999 ? millis + "m" : Math.min(millis / 1_000, 99_999_999) + "S";
  }

  /** Reads an endpoint's {@code serving.timeout}, for example {@code 30s} or {@code 500ms}. */
  public static Optional<Duration> ofServing(@Nullable String timeout) {
    if (timeout == null) {
      return Optional.empty();
    }
    int split = 0;
    while (split < timeout.length() && Character.isDigit(timeout.charAt(split))) {
      split++;
    }
    long value = digits(timeout, split, MOST_DIGITS);
    if (value < 1) {
      // The registry refuses such documents; a gateway that cannot read a newer form uses defaults.
      return Optional.empty();
    }
    return switch (timeout.substring(split)) {
      case "us" -> Optional.of(Duration.ofNanos(value * 1_000));
      case "ms" -> Optional.of(Duration.ofMillis(value));
      case "s" -> Optional.of(Duration.ofSeconds(value));
      case "m" -> Optional.of(Duration.ofMinutes(value));
      case "h" -> Optional.of(Duration.ofHours(value));
      default -> Optional.empty();
    };
  }

  private static long digits(String text, int length, int most) {
    if (length < 1 || length > most) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < length; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static MillraceException malformed(String field, String value, String expected) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT, "%s: '%s' (expected: %s)", field, value, expected);
  }
}
