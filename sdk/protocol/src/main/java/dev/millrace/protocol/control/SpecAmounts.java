package dev.millrace.protocol.control;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and sizes as documents write them: {@code 60s}, {@code 64Mi}. Thread-safe. */
public final class SpecAmounts {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(us|ms|s|m|h)");
  private static final Pattern BYTES = Pattern.compile("([0-9]{1,9})(Ki|Mi|Gi)?");

  private SpecAmounts() {}

  /** A whole number and a unit of us, ms, s, m, h; empty when it is something else. */
  public static Optional<Duration> duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "us" -> Duration.ofNanos(amount * 1_000L);
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        });
  }

  /** A whole number of bytes, Ki, Mi or Gi (powers of 1,024); empty when it is something else. */
  public static OptionalLong bytes(String text) {
    Matcher matcher = BYTES.matcher(text);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2);
    if (unit == null) {
      return OptionalLong.of(amount);
    }
    return OptionalLong.of(
        switch (unit) {
          case "Ki" -> amount << 10;
          case "Mi" -> amount << 20;
          default -> amount << 30;
        });
  }
}
