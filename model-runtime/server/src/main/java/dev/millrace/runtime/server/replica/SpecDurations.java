package dev.millrace.runtime.server.replica;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as endpoint documents write them: {@code 500us}, {@code 30s}. */
final class SpecDurations {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ns|us|µs|ms|s|m|h)");

  private SpecDurations() {}

  /** Empty when nothing is said, or nothing that is understood. */
  static Optional<Duration> parse(@Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ns" -> Duration.ofNanos(amount);
          case "us", "µs" -> Duration.ofNanos(Math.multiplyExact(amount, 1_000L));
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        });
  }
}
