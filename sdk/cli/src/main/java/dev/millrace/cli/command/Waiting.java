package dev.millrace.cli.command;

import dev.millrace.cli.Terminal;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Whether and how long a command waits for what it asked for. */
final class Waiting {
  @Option(
      names = "--wait",
      negatable = true,
      description = "Wait until it serves and set the exit code (default on a terminal).")
  private @Nullable Boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Longest wait, for example 90s or 5m (default: 5m).")
  private Duration timeout = Duration.ofMinutes(5);

  boolean wanted(Terminal terminal) {
    return wait != null ? wait : terminal.interactive();
  }

  Duration timeout() {
    return timeout;
  }

  /** Reads {@code 500ms}, {@code 90s}, {@code 5m}, {@code 1h}; a bare number counts seconds. */
  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      return parse(value)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "'" + value + "' is not a duration (expected: for example 90s or 5m)"));
    }

    static Optional<Duration> parse(String value) {
      var match = java.util.regex.Pattern.compile("([0-9]{1,9})(ms|s|m|h)?").matcher(value.strip());
      if (!match.matches()) {
        return Optional.empty();
      }
      long number = Long.parseLong(match.group(1));
      String unit = match.group(2) == null ? "s" : match.group(2);
      Duration duration =
          switch (unit) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofSeconds(number);
          };
      return duration.isZero() ? Optional.empty() : Optional.of(duration);
    }
  }
}
