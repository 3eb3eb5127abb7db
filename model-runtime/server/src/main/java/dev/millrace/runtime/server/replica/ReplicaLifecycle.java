package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.ResidencyPolicy.Urgency;
import dev.millrace.runtime.server.admission.AdmissionLifecycle;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import dev.millrace.runtime.server.replica.MemoryBudget.Room;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Brings this runtime to what the snapshot assigns to it: loads, replaces, unloads, retries. All
 * transitions happen on one control thread, so they need no locks; loading happens on workers.
 *
 * <p>A version that is loaded again with other options answers calls on the old replica until the
 * new one is ready, and the old one finishes what it has. A version that is no longer assigned goes
 * on answering for {@code unload-delay}, and comes back when it is wanted or called as it leaves,
 * see {@link Unloads}. What there is no memory for, or what nobody calls, is asleep until its next
 * call, see {@link Residency} and {@link Wakes}.
 */
@ApplicationScoped
class ReplicaLifecycle {
  private static final Logger LOG = Logger.getLogger(ReplicaLifecycle.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final int MOST_DOUBLINGS = 6;

  /** How late an idle version may be noticed. */
  private static final Duration SWEEP = Duration.ofMillis(500);

  private final RuntimeOptions options;
  private final ReplicaTable table;
  private final ReplicaLoader loader;
  private final AdmissionLifecycle admission;
  private final MemberReporter reporter;
  private final RuntimeMetrics metrics;
  private final ServingOptions defaults;
  private final ControlThread control = new ControlThread("millrace-replicas-");
  private final ControlThread reports = new ControlThread("millrace-reports-");

  // Confined to the control thread.
  private Desired desired = Desired.NOTHING;
  private final Set<VersionKey> loading = new HashSet<>();
  private final Set<VersionKey> waitingForRoom = new HashSet<>();
  private final Map<VersionKey, Integer> failures = new HashMap<>();
  private final Residency residency;
  private final Unloads unloads;
  private final Wakes wakes;

  ReplicaLifecycle(
      RuntimeOptions options,
      ReplicaTable table,
      ReplicaLoader loader,
      AdmissionLifecycle admission,
      MemberReporter reporter,
      RuntimeMetrics metrics) {
    this.options = options;
    this.table = table;
    this.loader = loader;
    this.admission = admission;
    this.reporter = reporter;
    this.metrics = metrics;
    this.defaults =
        new ServingOptions(
            options.limits().callTimeout(),
            options.batching(),
            options.engine().options(),
            options.engine().idleAfter());
    this.residency = new Residency(options, table, metrics, control, this::onRoom);
    this.wakes = new Wakes(table, metrics, control, this::wake);
    this.unloads =
        new Unloads(
            options.limits().unloadDelay(), table, residency, control, new UnloadsListener());
  }

  /** Begins to report; the first report makes the registry assign something. */
  void start() {
    Duration pause = options.member().reportInterval();
    reports.every(Duration.ZERO, pause, reporter::report);
    control.every(pause, pause, () -> admission.follow(desired.admit(), desired.versions()));
    control.every(SWEEP, SWEEP, this::sweep);
  }

  /** Takes a new snapshot; returns at once. */
  void follow(Snapshot snapshot) {
    table.know(
        snapshot.versions().stream()
            .map(VersionEntry::key)
            .collect(Collectors.toUnmodifiableSet()));
    Desired.of(snapshot, options.member().id(), defaults)
        .ifPresent(wanted -> control.run(() -> adopt(wanted)));
  }

  /**
   * Takes no calls any more, leaves the registry and waits for the calls in flight.
   *
   * @return whether all of them were finished in time
   */
  boolean drain(Duration limit) {
    table.refuseCalls();
    reports.stop();
    control.stop();
    loader.stop();
    admission.stop();
    // After the last report that may be on its way: it would make the member alive again.
    reports.await();
    control.await();
    table.calls().close();
    reporter.leave();
    try {
      table.unloadAll().get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException | ExecutionException unfinished) {
      LOG.warnf("stopping with calls in flight after %s", limit);
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void adopt(Desired wanted) {
    desired = wanted;
    loader.keepFiles(wanted.files());
    failures.keySet().retainAll(wanted.load().keySet());
    for (VersionKey version : table.versions()) {
      if (wanted.load().containsKey(version)) {
        unloads.cancel(version);
      } else {
        unloads.leave(version);
      }
    }
    // What must stay comes first, while there is room.
    wanted.load().forEach((key, one) -> bringUpIf(one.serving().pinned(), key));
    wanted.load().forEach((key, one) -> bringUpIf(!one.serving().pinned(), key));
    admission.follow(wanted.admit(), wanted.versions());
  }

  private void bringUpIf(boolean now, VersionKey key) {
    if (now) {
      bringUp(key);
    }
  }

  /** Starts loading unless it is there as wanted, under way, or waiting for its next try. */
  private void bringUp(VersionKey key) {
    Desired.Wanted wanted = desired.load().get(key);
    if (wanted == null || loading.contains(key)) {
      return;
    }
    ReplicaState state = table.state(key);
    switch (state) {
      case ReplicaState.Failed _ -> {}
      case ReplicaState.Ready ready when servedAs(ready.served(), wanted) -> {}
      case ReplicaState.Ready ready when loadedAs(ready.served(), wanted) ->
          residency.serve(key, ready, wanted.serving());
      case ReplicaState.Unloading unloading ->
          load(wanted, unloads.back(key, unloading.asleep().as(wanted)));
      case ReplicaState.Asleep asleep -> {
        if (!servedAs(asleep.served(), wanted)) {
          table.put(key, asleep.as(wanted));
        }
        if (wanted.serving().pinned()) {
          load(wanted, state);
        }
      }
      case null, default -> load(wanted, state);
    }
  }

  private static boolean servedAs(ServedVersion served, Desired.Wanted wanted) {
    return served.serving().equals(wanted.serving());
  }

  /** Whether the replica that there is can be served as wanted. */
  private static boolean loadedAs(ServedVersion served, Desired.Wanted wanted) {
    return served.serving().loadsAs(wanted.serving());
  }

  private void load(Desired.Wanted wanted, @Nullable ReplicaState state) {
    VersionKey key = wanted.version().key();
    Urgency urgency = table.calls().waiting(key) > 0 ? Urgency.CALLS_WAIT : Urgency.NOBODY_WAITS;
    switch (residency.makeRoom(wanted, urgency)) {
      case Room.Never never -> {
        wakes.impossible(key, never.reason());
        failed(key, new LoadFailedException(never.reason()));
      }
      case Room.Full full -> postponed(wanted, state, full);
      case Room.Soon _ -> {
        waitingForRoom.add(key);
        show(key, state);
      }
      case Room.Granted _ -> {
        show(key, state);
        begin(wanted, urgency);
      }
      case Room.GiveWay _ -> throw new IllegalStateException("nobody has given way for " + key);
    }
  }

  private void show(VersionKey key, @Nullable ReplicaState state) {
    if (!(state instanceof ReplicaState.Ready || state instanceof ReplicaState.Asleep)) {
      table.put(key, new ReplicaState.Loading());
      reportNow();
    }
  }

  /** There is no room now: the next call shall make some. */
  private void postponed(Desired.Wanted wanted, @Nullable ReplicaState state, Room.Full full) {
    VersionKey key = wanted.version().key();
    wakes.noRoom(key, full.missingBytes());
    switch (state) {
      case ReplicaState.Asleep _ -> {}
      case ReplicaState.Ready ready -> {
        LOG.infof(
            "version=%s: no room beside the old replica, missing=%d bytes: the next call loads it"
                + " with its new options",
            key, full.missingBytes());
        residency.sleep(key, ready, ready.asleep().as(wanted));
      }
      case null, default -> {
        LOG.infof(
            "version=%s: no room in memory, missing=%d bytes: its first call loads it",
            key, full.missingBytes());
        table.put(key, ReplicaState.Asleep.of(wanted));
        reportNow();
      }
    }
  }

  private void begin(Desired.Wanted wanted, Urgency urgency) {
    VersionKey key = wanted.version().key();
    loading.add(key);
    waitingForRoom.remove(key);
    long started = System.nanoTime();
    var _ =
        loader
            .start(wanted, urgency)
            .whenComplete(
                (result, failure) ->
                    control.run(
                        () -> {
                          loading.remove(key);
                          if (result == null) {
                            residency.abandoned(key);
                            failed(key, failure);
                          } else {
                            arrived(wanted, result, Duration.ofNanos(System.nanoTime() - started));
                          }
                        }));
  }

  private void arrived(Desired.Wanted wanted, ReplicaLoader.Loaded loaded, Duration took) {
    VersionKey key = wanted.version().key();
    ReplicaState before = table.state(key);
    ReplicaState.Ready ready = residency.arrived(wanted, loaded);
    failures.remove(key);
    metrics.loaded(key, took);
    // One that calls woke while it departs is no longer wanted, and yet serves to the end.
    if (!desired.load().containsKey(key) && !(before instanceof ReplicaState.Asleep)) {
      residency.release(key, ready.model(), () -> {});
      forget(key, before);
      return;
    }
    table.put(key, ready);
    LOG.infof("version=%s: ready, load=%dms, bytes=%d", key, took.toMillis(), ready.bytes());
    if (before instanceof ReplicaState.Ready old) {
      residency.release(key, old.model(), () -> {});
    }
    wakes.arrived(key, ready.model(), took);
    reportNow();
    // The options may have changed once more meanwhile.
    bringUp(key);
  }

  private void forget(VersionKey key, @Nullable ReplicaState state) {
    if (state instanceof ReplicaState.Loading) {
      table.remove(key, state);
      reportNow();
    }
  }

  private void failed(VersionKey key, @Nullable Throwable failure) {
    Throwable cause = failure != null && failure.getCause() != null ? failure.getCause() : failure;
    String reason = cause == null ? "unknown" : String.valueOf(cause.getMessage());
    ReplicaState before = table.state(key);
    if (before instanceof ReplicaState.Asleep) {
      wakes.failed(key, reason);
      return;
    }
    if (!desired.load().containsKey(key)) {
      forget(key, before);
      return;
    }
    int count = failures.merge(key, 1, Integer::sum);
    Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(count - 1, MOST_DOUBLINGS));
    LOG.warnf("version=%s: loading failed, next try in %s: %s", key, pause, reason);
    if (!(before instanceof ReplicaState.Ready)) {
      table.put(key, new ReplicaState.Failed(reason));
      reportNow();
    }
    control.after(pause, () -> retry(key));
  }

  private void retry(VersionKey key) {
    Desired.Wanted wanted = desired.load().get(key);
    ReplicaState state = table.state(key);
    boolean satisfied =
        state instanceof ReplicaState.Asleep
            || (state instanceof ReplicaState.Ready ready
                && wanted != null
                && servedAs(ready.served(), wanted));
    if (wanted != null && !loading.contains(key) && !satisfied) {
      load(wanted, state);
    }
  }

  /** Calls wait for a version that is asleep, or has just left. */
  private void wake(VersionKey key) {
    if (table.state(key) instanceof ReplicaState.Unloading unloading) {
      unloads.back(key, unloading.asleep());
      if (!desired.load().containsKey(key)) {
        unloads.leave(key);
      }
    }
    if (!loading.contains(key) && table.state(key) instanceof ReplicaState.Asleep asleep) {
      ServedVersion served = asleep.served();
      // One that departs is in no snapshot any more: it comes back as it was.
      var otherwise = new Desired.Wanted(served.version(), served.serving());
      load(desired.load().getOrDefault(key, otherwise), asleep);
    }
  }

  private void onRoom() {
    for (VersionKey key : Set.copyOf(waitingForRoom)) {
      waitingForRoom.remove(key);
      bringUp(key);
    }
    wakes.tend();
  }

  private void sweep() {
    residency.sweep();
    desired.load().forEach((key, wanted) -> bringUpIf(wanted.serving().pinned(), key));
  }

  private void reportNow() {
    reports.run(reporter::report);
  }

  private final class UnloadsListener implements Unloads.Listener {
    @Override
    public void changed() {
      reportNow();
    }

    @Override
    public void gone(VersionKey version) {
      wakes.gone(version);
    }

    @Override
    public boolean waitsNoMore(VersionKey version) {
      return waitingForRoom.remove(version);
    }
  }
}
