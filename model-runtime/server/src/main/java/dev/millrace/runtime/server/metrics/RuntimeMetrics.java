package dev.millrace.runtime.server.metrics;

import dev.millrace.protocol.internal.MemberReport.ReplicaState;
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
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/**
 * The runtime's meters. All histograms have fixed buckets, so that those of many processes add up.
 * Labels are {@code project, endpoint, version}, each bounded to 1,000 values; {@code endpoint} is
 * the model's name. Safe from many threads.
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

  public RuntimeMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * The meters of one replica, bound to its labels once, so that a call does no look-up. Two
   * replicas of one version (while one replaces the other) count into the same meters.
   */
  public ReplicaMeters replica(VersionKey version) {
    return new ReplicaMeters(registry, tags(version));
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
   * Publishes how a version is now: one gauge a state, 1 for the state it is in, and the depth of
   * its queue.
   *
   * @param inState whether the version is in a state now; read when metrics are scraped
   * @param queueDepth requests waiting now; read when metrics are scraped
   * @return removes the gauges
   */
  public Runnable state(
      VersionKey version, Predicate<ReplicaState> inState, IntSupplier queueDepth) {
    List<Meter> gauges = new ArrayList<>();
    gauges.add(
        Gauge.builder("millrace.queue.depth", queueDepth::getAsInt)
            .description("Requests waiting")
            .tags(tags(version))
            .register(registry));
    for (ReplicaState state : ReplicaState.values()) {
      gauges.add(
          Gauge.builder("millrace.model.state", () -> inState.test(state) ? 1 : 0)
              .description("1 for the state a version is in on this runtime")
              .tags(tags(version).and("state", state.name().toLowerCase(Locale.ROOT)))
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
