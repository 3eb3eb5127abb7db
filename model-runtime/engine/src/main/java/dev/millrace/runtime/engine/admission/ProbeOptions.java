package dev.millrace.runtime.engine.admission;

import java.time.Duration;

/**
 * How a version is measured.
 *
 * @param hardwareClass what the measurement is valid for
 * @param threads that executions of one version may use together, at least 1
 * @param profileTime how long measuring may take after the model was loaded and run once; what is
 *     not measured by then stays unknown
 */
public record ProbeOptions(String hardwareClass, int threads, Duration profileTime) {
  public ProbeOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: at least 1)");
    }
    if (profileTime.isNegative()) {
      throw new IllegalArgumentException(
          "profileTime: " + profileTime + " (expected: zero or more)");
    }
  }
}
