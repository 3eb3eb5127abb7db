package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaReport;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.BatchRequest;
import dev.millrace.runtime.batching.Ticker;
import dev.millrace.runtime.engine.ModelLease;
import dev.millrace.runtime.server.metrics.ModelState;
import dev.millrace.runtime.server.metrics.Rejection;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of every version on this runtime. Read by calls from any thread; written by {@link
 * ReplicaLifecycle} alone.
 */
@Singleton
class ReplicaTable implements Replicas {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final RuntimeMetrics metrics;
  private final WaitingCalls calls = new WaitingCalls(Ticker.system());
  private final Map<VersionKey, ReplicaState> states = new ConcurrentHashMap<>();
  private final Map<VersionKey, Runnable> gauges = new ConcurrentHashMap<>();
  private volatile Set<VersionKey> known = Set.of();
  private volatile boolean accepting = true;
  private volatile Consumer<VersionKey> waker = _ -> {};

  ReplicaTable(RuntimeMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public @Nullable ModelLease<Replica> acquire(VersionKey version) {
    refuseWhileDraining(version);
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
    if (state instanceof ReplicaState.Asleep || state instanceof ReplicaState.Unloading) {
      return null;
    }
    throw turnedAway(version, state);
  }

  @Override
  public CompletableFuture<ModelLease<Replica>> awaken(
      VersionKey version, long bytes, long deadlineNanos) {
    ModelLease<Replica> lease = acquire(version);
    if (lease != null) {
      return CompletableFuture.completedFuture(lease);
    }
    ServingOptions serving = describe(version).serving();
    long own = System.nanoTime() + serving.timeout().toNanos();
    boolean earlier = deadlineNanos != BatchRequest.NO_DEADLINE && deadlineNanos - own < 0;
    CompletableFuture<ModelLease<Replica>> waiting;
    try {
      waiting = calls.enter(version, serving, bytes, earlier ? deadlineNanos : own);
    } catch (MillraceException refused) {
      metrics.rejected(version, Rejection.QUEUE_FULL);
      throw refused;
    }
    var _ = waiting.whenComplete((_, failure) -> count(version, failure));
    waker.accept(version);
    return waiting;
  }

  /** A call that waited in vain counts as one that was turned away, or whose caller left. */
  private void count(VersionKey version, @Nullable Throwable failure) {
    if (failure instanceof MillraceException known) {
      switch (known.code()) {
        case CLIENT_CLOSED -> metrics.replica(version).cancelled(ReplicaMeters.Stage.QUEUE);
        case DEADLINE_EXCEEDED -> metrics.rejected(version, Rejection.DEADLINE);
        case OVERLOADED -> metrics.rejected(version, Rejection.DRAINING);
        default -> metrics.rejected(version, Rejection.NOT_READY);
      }
    }
  }

  @Override
  public ServedVersion describe(VersionKey version) {
    refuseWhileDraining(version);
    ReplicaState state = states.get(version);
    return switch (state) {
      case ReplicaState.Ready ready -> ready.served();
      case ReplicaState.Asleep asleep -> asleep.served();
      case ReplicaState.Unloading unloading -> unloading.served();
      case null, default -> throw turnedAway(version, state);
    };
  }

  @Override
  public long memoryBytes(VersionKey version) {
    return states.get(version) instanceof ReplicaState.Ready ready ? ready.bytes() : 0;
  }

  private void refuseWhileDraining(VersionKey version) {
    if (!accepting) {
      metrics.rejected(version, Rejection.DRAINING);
      throw MillraceException.of(ErrorCode.OVERLOADED, "this runtime is shutting down; try another")
          .withDetail("reason", "draining")
          .withRetryAfter(RETRY);
    }
  }

  private MillraceException turnedAway(VersionKey version, @Nullable ReplicaState state) {
    MillraceException refusal = refusal(version, state);
    if (refusal.code() == ErrorCode.MODEL_NOT_READY) {
      metrics.rejected(version, Rejection.NOT_READY);
    }
    return refusal;
  }

  /** Why a call cannot use the version in that state. */
  MillraceException refusal(VersionKey version, @Nullable ReplicaState state) {
    if (state == null && !known.contains(version)) {
      return MillraceException.of(
          ErrorCode.NOT_FOUND, "no version %d of model '%s'", version.version(), version.model());
    }
    String reason = state == null ? "it is not loaded on this runtime" : state.reason();
    return MillraceException.of(
            ErrorCode.MODEL_NOT_READY,
            "version %d of model '%s' is not ready: %s",
            version.version(),
            version.model(),
            reason == null ? "it is being replaced" : reason)
        .withRetryAfter(RETRY);
  }

  /** The calls that wait for a version to be loaded. */
  WaitingCalls calls() {
    return calls;
  }

  /** Sets who is told, on the caller's thread, that a call waits for a version. */
  void onWake(Consumer<VersionKey> waker) {
    this.waker = waker;
  }

  @Override
  public void requireReady(VersionKey version) {
    describe(version);
    String reason = outOfService(states.get(version)).orElse(null);
    if (reason != null) {
      throw MillraceException.of(
              ErrorCode.MODEL_NOT_READY,
              "version %d of model '%s' is not ready: %s",
              version.version(),
              version.model(),
              reason)
          .withRetryAfter(RETRY);
    }
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
        version,
        key ->
            metrics.state(
                key, asked -> isIn(key, asked), () -> queueDepth(key), () -> memory(key)));
  }

  private boolean isIn(VersionKey version, ModelState asked) {
    ReplicaState now = states.get(version);
    return now != null && now.shown() == asked;
  }

  private long memory(VersionKey version) {
    return states.get(version) instanceof ReplicaState.Ready ready ? ready.bytes() : 0;
  }

  private int queueDepth(VersionKey version) {
    int waiting = calls.waiting(version);
    if (states.get(version) instanceof ReplicaState.Ready ready) {
      try (var lease = ready.model().inspect().orElse(null)) {
        return waiting + (lease == null ? 0 : lease.model().queueDepth());
      }
    }
    return waiting;
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

  /** Unloads what is loaded; completes when its last calls are over. */
  CompletableFuture<Void> unloadAll() {
    List<CompletableFuture<Void>> unloads = new ArrayList<>();
    states.forEach(
        (version, state) -> {
          if (state instanceof ReplicaState.Ready ready) {
            states.put(version, ready.unloading());
            unloads.add(ready.model().unload().toCompletableFuture());
          }
        });
    return CompletableFuture.allOf(unloads.toArray(CompletableFuture[]::new));
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
    boolean asleep = state instanceof ReplicaState.Asleep;
    return new ReplicaReport(version, state.reported(), failed ? state.reason() : null, asleep);
  }

  /** Why a loaded version does not answer all the same. */
  private static Optional<String> outOfService(@Nullable ReplicaState state) {
    if (state instanceof ReplicaState.Ready ready) {
      try (var lease = ready.model().inspect().orElse(null)) {
        return lease == null ? Optional.empty() : lease.model().outOfService();
      }
    }
    return Optional.empty();
  }
}
