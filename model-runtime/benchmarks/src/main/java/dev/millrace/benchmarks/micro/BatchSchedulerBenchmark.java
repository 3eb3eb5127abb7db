package dev.millrace.benchmarks.micro;

import dev.millrace.runtime.batching.BatchListener;
import dev.millrace.runtime.batching.BatchOptions;
import dev.millrace.runtime.batching.BatchRequest;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.BatchScheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The way of a request through the queue and back, with work that takes no time: what the scheduler
 * adds to a call. One caller pays for two hand-overs between threads; eight share batches.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchSchedulerBenchmark {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final String SHAPE = "1x4";

  private @Nullable BatchScheduler<Integer, Integer> scheduler;

  /** Starts a scheduler with one instance. */
  @Setup
  public void start() {
    scheduler =
        BatchScheduler.start(
            "bench",
            BatchOptions.DEFAULT,
            (payloads, termination) -> List.copyOf(payloads),
            BatchListener.NONE);
  }

  /** One caller that waits for its answer, without a deadline. */
  @Benchmark
  public Integer roundTrip() {
    return call(Terms.NONE);
  }

  /** The same with a deadline, which has to be watched and forgotten. */
  @Benchmark
  public Integer roundTripWithDeadline() {
    return call(Terms.until(System.nanoTime() + DEADLINE.toNanos()));
  }

  /** Eight callers at once. */
  @Benchmark
  @Threads(8)
  public Integer roundTripOfEight() {
    return call(Terms.NONE);
  }

  private Integer call(Terms terms) {
    if (scheduler == null) {
      throw new IllegalStateException("not started");
    }
    return scheduler
        .submit(new BatchRequest<>(1, 1, 16, SHAPE, 0, terms))
        .result()
        .toCompletableFuture()
        .join()
        .value();
  }

  /** Ends its threads. */
  @TearDown
  public void stop() {
    if (scheduler != null) {
      scheduler.close();
    }
  }
}
