package dev.millrace.benchmarks.load;

import java.time.Duration;

/**
 * How long and how wide to call.
 *
 * @param lanes parallel callers; at least 1
 * @param warmUp called but not counted
 * @param window called and counted; positive
 */
public record LoadPlan(int lanes, Duration warmUp, Duration window) {
  /** Checks the bounds. */
  public LoadPlan {
    if (lanes < 1) {
      throw new IllegalArgumentException("lanes: " + lanes + " (expected: at least 1)");
    }
    if (warmUp.isNegative()) {
      throw new IllegalArgumentException("warmUp: " + warmUp + " (expected: not negative)");
    }
    if (window.isNegative() || window.isZero()) {
      throw new IllegalArgumentException("window: " + window + " (expected: positive)");
    }
  }
}
