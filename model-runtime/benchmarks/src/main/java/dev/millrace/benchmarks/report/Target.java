package dev.millrace.benchmarks.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A figure to reach.
 *
 * @param bound the least or greatest that meets it
 * @param kind of what, and in which direction
 * @param of what a ratio is taken of; the unit of a value
 */
public record Target(double bound, Kind kind, String of) {
  /** What is bounded. */
  public enum Kind {
    /** Value over baseline, from below: throughput. */
    RATIO_AT_LEAST,
    /** Value over baseline, from above: latency. */
    RATIO_AT_MOST,
    /** The value itself, from above. */
    VALUE_AT_MOST
  }

  /** A smallest ratio to what is named. */
  public static Target atLeast(double ratio, String of) {
    return new Target(ratio, Kind.RATIO_AT_LEAST, of);
  }

  /** A greatest ratio to what is named. */
  public static Target atMost(double ratio, String of) {
    return new Target(ratio, Kind.RATIO_AT_MOST, of);
  }

  /** A greatest value. */
  public static Target valueAtMost(double value, String unit) {
    return new Target(value, Kind.VALUE_AT_MOST, unit);
  }

  /** Whether it is met; null when what it bounds is missing. */
  @Nullable Boolean met(@Nullable Double value, @Nullable Double ratio) {
    @Nullable Double figure = kind == Kind.VALUE_AT_MOST ? value : ratio;
    if (figure == null) {
      return null;
    }
    return kind == Kind.RATIO_AT_LEAST ? figure >= bound : figure <= bound;
  }

  @Override
  public String toString() {
    return switch (kind) {
      case RATIO_AT_LEAST -> String.format(Locale.ROOT, "≥ %s × %s", bound, of);
      case RATIO_AT_MOST -> String.format(Locale.ROOT, "≤ %s × %s", bound, of);
      case VALUE_AT_MOST -> String.format(Locale.ROOT, "≤ %s %s", bound, of);
    };
  }
}
