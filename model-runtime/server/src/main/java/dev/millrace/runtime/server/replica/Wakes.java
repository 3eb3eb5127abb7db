package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.LoadedModel;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Looks after the calls that wait for a version to be loaded again: has it loaded, once for all of
 * them; lets them go on when it is there; fails them when it cannot be loaded, or not in time.
 * After a failure the next calls fail at once for a short while, then one of them tries again.
 *
 * <p>Confined to the control thread.
 */
final class Wakes {
  private static final Logger LOG = Logger.getLogger(Wakes.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final int MOST_DOUBLINGS = 3;

  /** How late a deadline, or room for a version, may be noticed while calls wait. */
  private static final Duration TEND = Duration.ofMillis(20);

  private final ReplicaTable table;
  private final WaitingCalls calls;
  private final RuntimeMetrics metrics;
  private final ControlThread control;
  private final Consumer<VersionKey> load;
  private final Map<VersionKey, Long> missing = new HashMap<>();
  private final Map<VersionKey, Failure> failures = new HashMap<>();
  private boolean tending;

  /**
   * Nobody waits.
   *
   * @param load loads a version that is asleep or leaving, unless that is under way
   */
  Wakes(
      ReplicaTable table,
      RuntimeMetrics metrics,
      ControlThread control,
      Consumer<VersionKey> load) {
    this.table = table;
    this.calls = table.calls();
    this.metrics = metrics;
    this.control = control;
    this.load = load;
    table.onWake(version -> control.run(() -> called(version)));
  }

  /** The last wake of a version failed, and so many before it in a row. */
  private record Failure(String reason, int count, long untilNanos) {}

  private void called(VersionKey version) {
    ReplicaState state = table.state(version);
    switch (state) {
      case ReplicaState.Asleep _, ReplicaState.Unloading _ -> {
        Failure failure = failures.get(version);
        if (failure != null && failure.untilNanos() - System.nanoTime() > 0) {
          calls.fail(version, refusal(version, failure));
          return;
        }
        load.accept(version);
        tendLater();
      }
      // It came, or went, while the call was on its way.
      case ReplicaState.Ready ready -> calls.admit(version, ready.model());
      case null, default -> calls.fail(version, table.refusal(version, state));
    }
  }

  /** Fails what is late and tries again what found no room. */
  void tend() {
    calls.expire(this::late);
    calls.versions().forEach(this::called);
  }

  private void tendLater() {
    if (!tending) {
      tending = true;
      control.after(
          TEND,
          () -> {
            tending = false;
            tend();
          });
    }
  }

  private MillraceException late(VersionKey version) {
    Long bytes = missing.get(version);
    if (bytes != null) {
      return MillraceException.of(
              ErrorCode.INSUFFICIENT_MEMORY,
              "version %d of model '%s' could not be loaded before the deadline: %s of memory are"
                  + " missing while other versions are in use (millrace.runtime.memory-budget)",
              version.version(),
              version.model(),
              Bytes.text(bytes))
          .withRetryAfter(FIRST_PAUSE);
    }
    return MillraceException.of(
            ErrorCode.DEADLINE_EXCEEDED,
            "the deadline passed while version %d of model '%s' was being loaded",
            version.version(),
            version.model())
        .withDetail("stage", "queue");
  }

  private static MillraceException refusal(VersionKey version, Failure failure) {
    long left = failure.untilNanos() - System.nanoTime();
    return MillraceException.of(
            ErrorCode.MODEL_NOT_READY,
            "version %d of model '%s' is not ready: loading it again failed: %s",
            version.version(),
            version.model(),
            failure.reason())
        .withRetryAfter(Duration.ofNanos(Math.max(1_000_000, left)));
  }

  /** There is no room for the version now, by so many bytes. */
  void noRoom(VersionKey version, long bytes) {
    missing.put(version, bytes);
  }

  /** The version is in memory. */
  void arrived(VersionKey version, LoadedModel<Replica> model, Duration took) {
    missing.remove(version);
    failures.remove(version);
    int waited = calls.waiting(version);
    if (waited > 0) {
      // Counted first: who is answered finds the wake that answered it.
      metrics.woken(version, "ok");
      int admitted = calls.admit(version, model);
      LOG.infof("version=%s: awake after %dms for calls=%d", version, took.toMillis(), admitted);
    }
  }

  /** Loading failed while the version was asleep; it stays so. */
  void failed(VersionKey version, String reason) {
    missing.remove(version);
    Failure before = failures.get(version);
    int count = before == null ? 1 : before.count() + 1;
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(count - 1, MOST_DOUBLINGS));
    var failure = new Failure(reason, count, System.nanoTime() + pause.toNanos());
    failures.put(version, failure);
    LOG.warnf(
        "version=%s: loading it again failed, calls=%d: %s",
        version, calls.waiting(version), reason);
    metrics.woken(version, "failed");
    calls.fail(version, refusal(version, failure));
  }

  /** The version will not fit, whoever gives way: it does not come when called any more. */
  void impossible(VersionKey version, String reason) {
    if (table.state(version) instanceof ReplicaState.Asleep) {
      table.put(version, new ReplicaState.Loading());
      MillraceException failure =
          MillraceException.of(
              ErrorCode.INSUFFICIENT_MEMORY,
              "version %d of model '%s' cannot be loaded: %s",
              version.version(),
              version.model(),
              reason);
      calls.fail(version, failure);
    }
  }

  /** The version is served here no more. */
  void gone(VersionKey version) {
    missing.remove(version);
    failures.remove(version);
    calls.fail(version, table.refusal(version, null));
  }
}
