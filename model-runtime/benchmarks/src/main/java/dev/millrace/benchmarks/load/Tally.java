package dev.millrace.benchmarks.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** Counts how calls ended and how long they took. Thread-safe; recording does not block. */
final class Tally {
  /** Latencies beyond this are recorded as this: a minute is a failure by any measure. */
  private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Recorder latencies = new Recorder(HIGHEST_NANOS, 3);
  private final LongAdder wrong = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final AtomicReference<@Nullable String> firstProblem = new AtomicReference<>();

  void ok(long nanos) {
    latencies.recordValue(Math.clamp(nanos, 0, HIGHEST_NANOS));
  }

  void wrong(String why) {
    wrong.increment();
    firstProblem.compareAndSet(null, "wrong answer: " + why);
  }

  void failed(String why) {
    failed.increment();
    firstProblem.compareAndSet(null, why);
  }

  /** Takes the latencies out; to be called once, when nothing more is recorded. */
  Histogram takeLatencies() {
    return latencies.getIntervalHistogram();
  }

  long wrong() {
    return wrong.sum();
  }

  long failed() {
    return failed.sum();
  }

  @Nullable String firstProblem() {
    return firstProblem.get();
  }
}
