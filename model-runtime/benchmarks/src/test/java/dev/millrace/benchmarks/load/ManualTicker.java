package dev.millrace.benchmarks.load;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Time that stands still until a test moves it. */
final class ManualTicker implements LongSupplier {
  private long nanos = 1_000;

  @Override
  public long getAsLong() {
    return nanos;
  }

  void advance(Duration step) {
    nanos += step.toNanos();
  }
}
