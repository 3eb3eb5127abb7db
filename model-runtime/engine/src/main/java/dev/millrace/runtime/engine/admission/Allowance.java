package dev.millrace.runtime.engine.admission;

import java.util.Locale;
import java.util.Optional;

/**
 * What a probe may still spend on answers that a verdict does not need. Each is asked for before it
 * is begun, by what it will take, and where it is refused the profile says so: a version must not
 * be turned away for what only its measurement would have taken. For one thread.
 *
 * @param time that is left for it
 * @param memoryBytes what the whole probe may hold
 */
record Allowance(TimeBudget time, long memoryBytes) {
  /** The rest is for the model itself, for ONNX Runtime and for the JVM. */
  private static final int SHARE = 5;

  /**
   * By the bounds of a probe that begins now. Half of the time is kept back: predictions err, and a
   * busy machine makes everything slower.
   */
  static Allowance of(ProbeOptions.Bounds bounds) {
    return new Allowance(
        new TimeBudget(bounds.time().dividedBy(2), System::nanoTime), bounds.memoryBytes());
  }

  /**
   * Why work of that size is not begun.
   *
   * @param nanos that it will take
   * @param bytes of tensors that it will hold at once
   * @param mostBytes beyond it, it would be a load test on the largest machine, too
   * @return words that complete "since …"; empty when it may begin
   */
  Optional<String> refuses(double nanos, long bytes, long mostBytes) {
    long most = Math.min(mostBytes, memoryBytes / SHARE);
    if (bytes > most) {
      return Optional.of(
          "it would be huge: %s of inputs and outputs (tried: at most %s)"
              .formatted(mebibytes(bytes), mebibytes(most)));
    }
    return time.allows(nanos) ? Optional.empty() : Optional.of(tooLong(nanos, time.left()));
  }

  /** Says that work does not fit into the time that is left for it. */
  static String tooLong(double nanos, long left) {
    return String.format(
        Locale.ROOT,
        "it would take about %.1f s, and admission has %.1f s left for it",
        nanos / 1e9,
        Math.max(0, left) / 1e9);
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }
}
