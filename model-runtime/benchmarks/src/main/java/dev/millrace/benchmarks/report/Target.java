package dev.millrace.benchmarks.report;

import java.util.Locale;

/**
 * A ratio to reach.
 *
 * @param atLeast the smallest ratio that meets it
 * @param of what the ratio is taken of
 */
public record Target(double atLeast, String of) {
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "≥ %s × %s", atLeast, of);
  }
}
