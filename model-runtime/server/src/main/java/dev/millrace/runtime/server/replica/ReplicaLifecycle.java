package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.LoadedModel;
import dev.millrace.runtime.server.admission.AdmissionLifecycle;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
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
 * on answering for {@code unload-delay}, see {@link Departures}.
 */
@ApplicationScoped
class ReplicaLifecycle {
  private static final Logger LOG = Logger.getLogger(ReplicaLifecycle.class);
  private static final int LOADERS = 2;
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final int MOST_DOUBLINGS = 6;

  private final RuntimeOptions options;
  private final ReplicaTable table;
  private final ReplicaLoader loader;
  private final AdmissionLifecycle admission;
  private final MemberReporter reporter;
  private final RuntimeMetrics metrics;
  private final ServingOptions defaults;
  private final ScheduledExecutorService control =
      Executors.newSingleThreadScheduledExecutor(threads("millrace-replicas-"));
  private final ScheduledExecutorService reports =
      Executors.newSingleThreadScheduledExecutor(threads("millrace-reports-"));
  private final ExecutorService loaders =
      Executors.newFixedThreadPool(LOADERS, threads("millrace-load-"));

  // Confined to the control thread.
  private Desired desired = Desired.NOTHING;
  private final Set<VersionKey> loading = new HashSet<>();
  private final Map<VersionKey, Integer> failures = new HashMap<>();
  private final Departures departures = new Departures();

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
  }

  private static ThreadFactory threads(String prefix) {
    return Thread.ofPlatform().name(prefix, 0).daemon().factory();
  }

  /** Begins to report; the first report makes the registry assign something. */
  void start() {
    long pause = options.member().reportInterval().toMillis();
    var _ = reports.scheduleWithFixedDelay(reporter::report, 0, pause, TimeUnit.MILLISECONDS);
    var _ =
        control.scheduleWithFixedDelay(
            () -> admission.follow(desired.admit(), desired.versions()),
            pause,
            pause,
            TimeUnit.MILLISECONDS);
  }

  /** Takes a new snapshot; returns at once. */
  void follow(Snapshot snapshot) {
    table.know(
        snapshot.versions().stream()
            .map(VersionEntry::key)
            .collect(Collectors.toUnmodifiableSet()));
    Desired.of(snapshot, options.member().id(), defaults)
        .ifPresent(wanted -> onControl(() -> adopt(wanted)));
  }

  /**
   * Takes no calls any more, leaves the registry and waits for the calls in flight.
   *
   * @return whether all of them were finished in time
   */
  boolean drain(Duration limit) {
    table.refuseCalls();
    reports.shutdown();
    control.shutdown();
    loaders.shutdownNow();
    admission.stop();
    // After the last report that may be on its way: it would make the member alive again.
    awaitQuietly(reports);
    awaitQuietly(control);
    reporter.leave();
    List<CompletableFuture<Void>> unloads = new ArrayList<>();
    for (VersionKey version : table.versions()) {
      if (table.state(version) instanceof ReplicaState.Ready ready) {
        table.put(version, ready.unloading());
        unloads.add(ready.model().unload().toCompletableFuture());
      }
    }
    try {
      CompletableFuture.allOf(unloads.toArray(CompletableFuture[]::new))
          .get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException | ExecutionException unfinished) {
      LOG.warnf("stopping with calls in flight after %s", limit);
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void awaitQuietly(ExecutorService executor) {
    try {
      if (!executor.awaitTermination(2, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void adopt(Desired wanted) {
    desired = wanted;
    loader.keepFiles(wanted.files());
    failures.keySet().retainAll(wanted.load().keySet());
    for (VersionKey version : table.versions()) {
      if (wanted.load().containsKey(version)) {
        departures.cancel(version);
      } else {
        leave(version);
      }
    }
    wanted.load().keySet().forEach(this::bringUp);
    admission.follow(wanted.admit(), wanted.versions());
  }

  /** Starts loading unless it is there as wanted, under way, or waiting for its next try. */
  private void bringUp(VersionKey key) {
    Desired.Wanted wanted = desired.load().get(key);
    if (wanted == null || loading.contains(key)) {
      return;
    }
    ReplicaState state = table.state(key);
    if (state instanceof ReplicaState.Failed
        || (state instanceof ReplicaState.Ready ready && servedAs(ready, wanted))) {
      return;
    }
    load(key, wanted, state);
  }

  private void load(VersionKey key, Desired.Wanted wanted, @Nullable ReplicaState state) {
    loading.add(key);
    if (!(state instanceof ReplicaState.Ready)) {
      table.put(key, new ReplicaState.Loading());
      reportNow();
    }
    long started = System.nanoTime();
    var _ =
        CompletableFuture.supplyAsync(() -> loaded(wanted), loaders)
            .whenComplete(
                (result, failure) ->
                    onControl(
                        () -> {
                          loading.remove(key);
                          if (result == null) {
                            failed(key, failure);
                          } else {
                            metrics.loaded(key, Duration.ofNanos(System.nanoTime() - started));
                            arrived(key, result);
                          }
                        }));
  }

  private LoadedModel<Replica> loaded(Desired.Wanted wanted) {
    try {
      return loader.load(wanted.version(), wanted.serving());
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new LoadFailedException("the runtime is stopping");
    } catch (Exception failure) {
      throw new LoadFailedException(String.valueOf(failure.getMessage()));
    }
  }

  private void arrived(VersionKey key, LoadedModel<Replica> model) {
    ReplicaState before = table.state(key);
    failures.remove(key);
    if (!desired.load().containsKey(key)) {
      discard(key, before, model);
      return;
    }
    table.put(key, new ReplicaState.Ready(model));
    LOG.infof("version=%s: ready", key);
    if (before instanceof ReplicaState.Ready old) {
      finish(key, old.model());
    }
    reportNow();
    // The options may have changed once more meanwhile.
    bringUp(key);
  }

  private void discard(VersionKey key, @Nullable ReplicaState before, LoadedModel<Replica> model) {
    finish(key, model);
    if (before instanceof ReplicaState.Loading) {
      table.remove(key, before);
      reportNow();
    }
  }

  private void failed(VersionKey key, @Nullable Throwable failure) {
    Throwable cause = failure != null && failure.getCause() != null ? failure.getCause() : failure;
    String reason = cause == null ? "unknown" : String.valueOf(cause.getMessage());
    ReplicaState before = table.state(key);
    if (!desired.load().containsKey(key)) {
      if (before instanceof ReplicaState.Loading) {
        table.remove(key, before);
        reportNow();
      }
      return;
    }
    int count = failures.merge(key, 1, Integer::sum);
    Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(count - 1, MOST_DOUBLINGS));
    LOG.warnf("version=%s: loading failed, next try in %s: %s", key, pause, reason);
    if (!(before instanceof ReplicaState.Ready)) {
      table.put(key, new ReplicaState.Failed(reason));
      reportNow();
    }
    schedule(() -> retry(key), pause);
  }

  private void retry(VersionKey key) {
    Desired.Wanted wanted = desired.load().get(key);
    ReplicaState state = table.state(key);
    boolean satisfied =
        state instanceof ReplicaState.Ready ready && wanted != null && servedAs(ready, wanted);
    if (wanted != null && !loading.contains(key) && !satisfied) {
      load(key, wanted, state);
    }
  }

  private static boolean servedAs(ReplicaState.Ready ready, Desired.Wanted wanted) {
    return ready
        .model()
        .acquire()
        .map(
            lease -> {
              try (lease) {
                return lease.model().serving().equals(wanted.serving());
              }
            })
        .orElse(false);
  }

  private void leave(VersionKey key) {
    if (!(table.state(key) instanceof ReplicaState.Ready)) {
      unload(key);
      return;
    }
    Departures.Ticket ticket = departures.begin(key);
    if (ticket != null) {
      LOG.debugf(
          "version=%s: no longer assigned, unloading in %s", key, options.limits().unloadDelay());
      schedule(
          () -> {
            if (departures.end(key, ticket)) {
              unload(key);
            }
          },
          options.limits().unloadDelay());
    }
  }

  private void unload(VersionKey key) {
    ReplicaState state = table.state(key);
    switch (state) {
      case ReplicaState.Ready ready -> {
        ReplicaState.Unloading unloading = ready.unloading();
        table.put(key, unloading);
        reportNow();
        ready
            .model()
            .unload()
            .whenComplete(
                (_, _) ->
                    onControl(
                        () -> {
                          table.remove(key, unloading);
                          LOG.infof("version=%s: unloaded", key);
                          reportNow();
                          bringUp(key);
                        }));
      }
      case ReplicaState.Failed failed -> {
        table.remove(key, failed);
        reportNow();
      }
      case ReplicaState.Loading _, ReplicaState.Unloading _ -> {}
      case null -> {}
    }
  }

  private static void finish(VersionKey key, LoadedModel<Replica> model) {
    model
        .unload()
        .exceptionally(
            failure -> {
              LOG.warnf("version=%s: unloading failed: %s", key, failure);
              return null;
            });
  }

  private void reportNow() {
    try {
      reports.execute(reporter::report);
    } catch (RejectedExecutionException stopping) {
      LOG.debug("no report: stopping");
    }
  }

  private void onControl(Runnable transition) {
    schedule(transition, Duration.ZERO);
  }

  /** A transition that throws must show, not vanish in a future. */
  private void schedule(Runnable transition, Duration delay) {
    Runnable guarded =
        () -> {
          try {
            transition.run();
          } catch (RuntimeException bug) {
            LOG.error("a replica transition failed", bug);
          }
        };
    try {
      var _ = control.schedule(guarded, delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException stopping) {
      LOG.debug("no transition: stopping");
    }
  }
}
