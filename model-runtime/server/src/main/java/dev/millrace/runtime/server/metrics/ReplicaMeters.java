package dev.millrace.runtime.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What one replica counts and times. Safe from many threads. */
public final class ReplicaMeters {
  /** 20 buckets from 100 µs to 60 s, about a factor of two apart. */
  private static final Duration[] DURATIONS =
      micros(
          100,
          200,
          400,
          800,
          1_500,
          3_000,
          5_000,
          10_000,
          20_000,
          35_000,
          50_000,
          100_000,
          200_000,
          400_000,
          800_000,
          1_500_000,
          5_000_000,
          10_000_000,
          30_000_000,
          60_000_000);

  private static final double[] ROWS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024};
  private static final double[] RATIOS = {0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75};
  private static final double[] BYTES = {
    256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864
  };

  private final Timer queue;
  private final Timer compute;
  private final DistributionSummary batchSize;
  private final DistributionSummary requestBytes;
  private final DistributionSummary responseBytes;
  private final Map<Rejection, Counter> rejected = new EnumMap<>(Rejection.class);
  private final Map<Stage, Counter> cancelled = new EnumMap<>(Stage.class);
  private final DistributionSummary padding;
  private final Counter saved;
  private final VersionStatistics statistics;
  private final AtomicInteger warmUps = new AtomicInteger();

  /** Where a call was when its caller went away. */
  public enum Stage {
    ADMISSION("admission"),
    QUEUE("queue"),
    EXECUTION("execution");

    private final String label;

    Stage(String label) {
      this.label = label;
    }
  }

  ReplicaMeters(MeterRegistry registry, Tags tags, VersionStatistics statistics) {
    this.statistics = statistics;
    queue =
        Timer.builder("millrace.queue.duration")
            .description("From arrival to dispatch, per request")
            .serviceLevelObjectives(DURATIONS)
            .tags(tags)
            .register(registry);
    compute =
        Timer.builder("millrace.compute.duration")
            .description("One execution, per batch")
            .serviceLevelObjectives(DURATIONS)
            .tags(tags)
            .register(registry);
    batchSize = summary(registry, "millrace.batch.size", "Rows in one execution", tags, ROWS);
    requestBytes =
        summary(registry, "millrace.runtime.request.bytes", "Size of request bodies", tags, BYTES);
    responseBytes =
        summary(
            registry, "millrace.runtime.response.bytes", "Size of response bodies", tags, BYTES);
    padding =
        summary(registry, "millrace.padding.ratio", "Padding in what was computed", tags, RATIOS);
    saved =
        Counter.builder("millrace.cancelled.saved")
            .description("Predicted compute not spent on calls that nobody waited for any more")
            .baseUnit("seconds")
            .tags(tags)
            .register(registry);
    for (Rejection reason : Rejection.values()) {
      rejected.put(reason, RuntimeMetrics.rejections(registry, tags, reason));
    }
    for (Stage stage : Stage.values()) {
      cancelled.put(stage, registry.counter("millrace.cancelled", tags.and("stage", stage.label)));
    }
  }

  /** What its version counts for the protocol's statistics. */
  public VersionStatistics statistics() {
    return statistics;
  }

  /**
   * The next batch is for nobody and counts in no statistics. To be said before its request comes,
   * since a batch is reported only after its answers.
   */
  public void warmsUp() {
    warmUps.incrementAndGet();
  }

  /**
   * A request ended before it was in any batch.
   *
   * @return whether it was for nobody, so that it counts nowhere and no batch is to be expected
   */
  public boolean endedWarmUp() {
    return warmUps.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  /** So many rows were computed in so many executions. */
  public void executed(int rows, int executions, long computeNanos) {
    if (executions > 0 && warmUps.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
      statistics.batch(rows, executions, computeNanos, System.currentTimeMillis());
    }
  }

  /** One request left the queue. */
  public void queued(long nanos) {
    queue.record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * One batch was executed.
   *
   * @param paddingRatio which part of what was computed was padding
   */
  public void batch(long computeNanos, int rows, double paddingRatio) {
    padding.record(paddingRatio);
    compute.record(computeNanos, TimeUnit.NANOSECONDS);
    batchSize.record(rows);
  }

  /** One call was answered. */
  public void bytes(long request, long response) {
    requestBytes.record(request);
    responseBytes.record(response);
  }

  /** One call was turned away before it ran. */
  public void rejected(Rejection reason) {
    var counter = rejected.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  /** One call's caller went away. */
  public void cancelled(Stage stage) {
    var counter = cancelled.get(stage);
    if (counter != null) {
      counter.increment();
    }
  }

  /** Compute that was not spent because nobody waited for it any more. */
  public void saved(long nanos) {
    if (nanos > 0) {
      saved.increment(nanos / 1e9);
    }
  }

  private static DistributionSummary summary(
      MeterRegistry registry, String name, String description, Tags tags, double[] buckets) {
    return DistributionSummary.builder(name)
        .description(description)
        .serviceLevelObjectives(buckets)
        .tags(tags)
        .register(registry);
  }

  private static Duration[] micros(long... values) {
    Duration[] durations = new Duration[values.length];
    for (int i = 0; i < values.length; i++) {
      durations[i] = Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(values[i]));
    }
    return durations;
  }
}
