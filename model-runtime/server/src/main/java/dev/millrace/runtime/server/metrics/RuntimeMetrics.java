package dev.millrace.runtime.server.metrics;

import dev.millrace.protocol.internal.VersionKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The runtime's meters. All histograms have fixed buckets, so that those of many processes add up.
 * Labels are {@code project, endpoint, version}, each bounded to 1,000 values. {@code endpoint} is
 * the model's name: a replica's queue and batches serve all endpoints of a version, and in one
 * process the gateway counts under the same label names. Safe from many threads.
 */
@ApplicationScoped
public class RuntimeMetrics {
  private static final int LABEL_VALUES = 1_000;
  private static final Duration[] LOAD_BUCKETS =
      millis(50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000);

  private final MeterRegistry registry;
  private final LabelLimit projects = new LabelLimit(LABEL_VALUES);
  private final LabelLimit models = new LabelLimit(LABEL_VALUES);
  private final LabelLimit versions = new LabelLimit(LABEL_VALUES);
  private final Map<VersionKey, VersionStatistics> statistics = new ConcurrentHashMap<>();

  public RuntimeMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * The meters of one replica, bound to its labels once, so that a call does no look-up. Two
   * replicas of one version (while one replaces the other) count into the same meters.
   */
  public ReplicaMeters replica(VersionKey version) {
    return new ReplicaMeters(registry, tags(version), statistics(version));
  }

  /** What the version's calls counted since this runtime started. */
  public VersionStatistics statistics(VersionKey version) {
    return statistics.computeIfAbsent(version, missing -> new VersionStatistics());
  }

  /** Counts a call that was turned away before a replica was found. */
  public void rejected(VersionKey version, Rejection reason) {
    rejections(registry, tags(version), reason).increment();
  }

  /** The gateway counts into the same metric: in one process the label names must be the same. */
  static Counter rejections(MeterRegistry registry, Tags tags, Rejection reason) {
    return registry.counter(
        "millrace.rejected", tags.and("reason", reason.label(), "where", "runtime"));
  }

  /** Says how long it took from the order to load until the replica was ready. */
  public void loaded(VersionKey version, Duration took) {
    Timer.builder("millrace.model.load.duration")
        .description("From the order to load a version until it was ready")
        .serviceLevelObjectives(LOAD_BUCKETS)
        .tags(tags(version))
        .register(registry)
        .record(took);
  }

  /**
   * Counts a version that was unloaded until its next call.
   *
   * @param reason {@code idle} or {@code memory}
   */
  public void evicted(VersionKey version, String reason) {
    Counter.builder("millrace.model.evictions")
        .description("Versions unloaded until the next call, for being idle or for want of memory")
        .tags(tags(version).and("reason", reason))
        .register(registry)
        .increment();
  }

  /**
   * Counts a version that was loaded again because calls came.
   *
   * @param result {@code ok} or {@code failed}
   */
  public void woken(VersionKey version, String result) {
    Counter.builder("millrace.model.wakes")
        .description("Loads for the sake of calls that waited")
        .tags(tags(version).and("result", result))
        .register(registry)
        .increment();
  }

  /**
   * Publishes what loaded versions may hold together.
   *
   * @param held what they hold; read when metrics are scraped
   */
  public void memory(long budget, LongSupplier held) {
    Gauge.builder("millrace.model.memory.budget", () -> budget)
        .description("What loaded versions may hold together")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("millrace.model.memory.held", held::getAsLong)
        .description("What versions hold that are loaded or being loaded")
        .baseUnit("bytes")
        .register(registry);
  }

  /**
   * Publishes how a version is now: one gauge a state, 1 for the state it is in, the depth of its
   * queue, and its memory. All are read when metrics are scraped.
   *
   * @param inState whether the version is in a state now
   * @param queueDepth requests waiting now
   * @param bytes that it holds now; 0 while it is not loaded
   * @return removes the gauges
   */
  public Runnable state(
      VersionKey version,
      Predicate<ModelState> inState,
      IntSupplier queueDepth,
      LongSupplier bytes) {
    List<Meter> gauges = new ArrayList<>();
    gauges.add(
        Gauge.builder("millrace.queue.depth", queueDepth::getAsInt)
            .description("Requests waiting")
            .tags(tags(version))
            .register(registry));
    gauges.add(
        Gauge.builder("millrace.model.memory", bytes::getAsLong)
            .description("What a loaded version holds")
            .baseUnit("bytes")
            .tags(tags(version))
            .register(registry));
    for (ModelState state : ModelState.values()) {
      gauges.add(
          Gauge.builder("millrace.model.state", () -> inState.test(state) ? 1 : 0)
              .description("1 for the state a version is in on this runtime")
              .tags(tags(version).and("state", state.label()))
              .register(registry));
    }
    return () -> gauges.forEach(registry::remove);
  }

  private Tags tags(VersionKey version) {
    return Tags.of(
        "project", projects.bound(version.project()),
        "endpoint", models.bound(version.model()),
        "version", versions.bound(Integer.toString(version.version())));
  }

  private static Duration[] millis(long... values) {
    Duration[] durations = new Duration[values.length];
    for (int i = 0; i < values.length; i++) {
      durations[i] = Duration.ofMillis(values[i]);
    }
    return durations;
  }
}
