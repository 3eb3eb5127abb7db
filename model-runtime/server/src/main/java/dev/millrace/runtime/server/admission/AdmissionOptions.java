package dev.millrace.runtime.server.admission;

import dev.millrace.runtime.server.config.RuntimeConfig.AdmissionMode;
import java.time.Duration;

/**
 * How versions are judged, validated once at start.
 *
 * @param mode in a child process, or in this one
 * @param timeout longest time for one version; child processes only
 * @param memoryBytes most memory that one version may take; child processes only
 * @param profileTime longest time for measuring one version after it was loaded and run once
 */
public record AdmissionOptions(
    AdmissionMode mode, Duration timeout, long memoryBytes, Duration profileTime) {
  private static final long LEAST_MEMORY = 128L << 20;

  public AdmissionOptions {
    expect(timeout.toMillis() >= 1000, "timeout", timeout, "at least 1 s");
    expect(memoryBytes >= LEAST_MEMORY, "memory", memoryBytes, "at least 128 MiB");
    expect(
        !profileTime.isNegative() && profileTime.compareTo(timeout) < 0,
        "profile-time",
        profileTime,
        "zero or more, and less than the timeout");
  }

  private static void expect(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "millrace.runtime.admission.%s: %s (expected: %s)".formatted(field, value, expected));
    }
  }
}
