package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaReport;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.ModelLease;
import dev.millrace.runtime.server.metrics.Rejection;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of every version on this runtime. Read by calls from any thread; written by {@link
 * ReplicaLifecycle} alone.
 */
@Singleton
class ReplicaTable implements Replicas {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final RuntimeMetrics metrics;
  private final Map<VersionKey, ReplicaState> states = new ConcurrentHashMap<>();
  private final Map<VersionKey, Runnable> gauges = new ConcurrentHashMap<>();
  private volatile Set<VersionKey> known = Set.of();
  private volatile boolean accepting = true;

  ReplicaTable(RuntimeMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public ModelLease<Replica> acquire(VersionKey version) {
    if (!accepting) {
      metrics.rejected(version, Rejection.DRAINING);
      throw MillraceException.of(ErrorCode.OVERLOADED, "this runtime is shutting down; try another")
          .withDetail("reason", "draining")
          .withRetryAfter(RETRY);
    }
    ReplicaState state = states.get(version);
    // Twice: the model may be replaced between the look-up and the lease, not over and over.
    for (int attempt = 0; attempt < 2; attempt++) {
      if (!(state instanceof ReplicaState.Ready ready)) {
        break;
      }
      Optional<ModelLease<Replica>> lease = ready.model().acquire();
      if (lease.isPresent()) {
        return lease.get();
      }
      state = states.get(version);
    }
    throw refusal(version, state);
  }

  private MillraceException refusal(VersionKey version, @Nullable ReplicaState state) {
    if (state == null && !known.contains(version)) {
      return MillraceException.of(
          ErrorCode.NOT_FOUND, "no version %d of model '%s'", version.version(), version.model());
    }
    metrics.rejected(version, Rejection.NOT_READY);
    String reason = state == null ? "it is not loaded on this runtime" : state.reason();
    return MillraceException.of(
            ErrorCode.MODEL_NOT_READY,
            "version %d of model '%s' is not ready: %s",
            version.version(),
            version.model(),
            reason == null ? "it is being replaced" : reason)
        .withRetryAfter(RETRY);
  }

  @Override
  public boolean isReady(VersionKey version) {
    ReplicaState state = states.get(version);
    return accepting && state instanceof ReplicaState.Ready && outOfService(state).isEmpty();
  }

  @Override
  public boolean accepting() {
    return accepting;
  }

  /** Takes no calls any more; for good. */
  void refuseCalls() {
    accepting = false;
  }

  /** Tells which versions exist in the platform, loaded here or not. */
  void know(Set<VersionKey> versions) {
    known = versions;
  }

  @Nullable ReplicaState state(VersionKey version) {
    return states.get(version);
  }

  Set<VersionKey> versions() {
    return Set.copyOf(states.keySet());
  }

  void put(VersionKey version, ReplicaState state) {
    states.put(version, state);
    gauges.computeIfAbsent(
        version, key -> metrics.state(key, asked -> isIn(key, asked), () -> queueDepth(key)));
  }

  private boolean isIn(VersionKey version, MemberReport.ReplicaState asked) {
    ReplicaState now = states.get(version);
    return now != null && now.reported() == asked;
  }

  private int queueDepth(VersionKey version) {
    if (states.get(version) instanceof ReplicaState.Ready ready) {
      try (var lease = ready.model().acquire().orElse(null)) {
        return lease == null ? 0 : lease.model().queueDepth();
      }
    }
    return 0;
  }

  /** Forgets a version, if it is still in that very state. */
  void remove(VersionKey version, ReplicaState state) {
    if (states.remove(version, state)) {
      Runnable gauge = gauges.remove(version);
      if (gauge != null) {
        gauge.run();
      }
    }
  }

  /** What a report to the registry says. */
  List<ReplicaReport> report() {
    List<ReplicaReport> reports = new ArrayList<>();
    states.forEach((version, state) -> reports.add(report(version, state)));
    return reports;
  }

  private static ReplicaReport report(VersionKey version, ReplicaState state) {
    Optional<String> unhealthy = outOfService(state);
    if (unhealthy.isPresent()) {
      return new ReplicaReport(version, MemberReport.ReplicaState.FAILED, unhealthy.get());
    }
    boolean failed = state instanceof ReplicaState.Failed;
    return new ReplicaReport(version, state.reported(), failed ? state.reason() : null);
  }

  /** Why a loaded version does not answer all the same. */
  private static Optional<String> outOfService(@Nullable ReplicaState state) {
    if (state instanceof ReplicaState.Ready ready) {
      try (var lease = ready.model().acquire().orElse(null)) {
        return lease == null ? Optional.empty() : lease.model().outOfService();
      }
    }
    return Optional.empty();
  }
}
