package dev.millrace.runtime.server.cache;

import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.BatchRejectedException;
import dev.millrace.runtime.batching.Ticker;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.server.metrics.CacheMetrics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The cache of one endpoint: what was answered, and what is being computed. Failures are never
 * kept. Thread-safe; nothing blocks.
 */
public final class ResponseCache {
  private final AnswerStore store;
  private final Flights<FlightKey, Fresh> flights;
  private final CacheMetrics.Endpoint meters;
  private @Nullable CacheSettings settings;

  /** Calls of different priority do not wait for each other: the queue treats them differently. */
  private record FlightKey(CacheKey key, Object lane) {}

  ResponseCache(
      CacheSettings settings, Ticker ticker, Flights.Alarm alarm, CacheMetrics.Endpoint meters) {
    this.meters = meters;
    this.store =
        new AnswerStore(
            settings,
            ticker,
            eviction -> {
              switch (eviction) {
                case SIZE -> meters.evictedBySize();
                case EXPIRED -> meters.expired();
              }
            });
    this.flights = new Flights<>(ResponseCache::isOfTheQueue, alarm);
    meters.watch(store::bytes);
  }

  /** A refusal says when and how somebody asked; what the model says is the same for all. */
  private static boolean isOfTheQueue(Throwable failure) {
    return switch (failure) {
      case BatchRejectedException _ -> true;
      case ModelExecutionException unloaded ->
          unloaded.kind() == ModelExecutionException.Kind.CLOSED
              || unloaded.kind() == ModelExecutionException.Kind.CANCELLED;
      default -> false;
    };
  }

  /** Where its calls are counted. */
  public CacheMetrics.Endpoint meters() {
    return meters;
  }

  /** A kept answer; null when there is none that is young enough. */
  public @Nullable CachedAnswer find(CacheKey key) {
    return store.get(key);
  }

  /**
   * Waits for an identical call in flight, or computes; what is computed is kept.
   *
   * @param version that computes
   * @param lane only calls of equal lanes wait for each other
   */
  public Passenger<Fresh> join(CacheKey key, VersionKey version, Object lane, Ride<Fresh> ride) {
    return flights.board(
        new FlightKey(key, lane),
        new Ride<>(ride.deadlineNanos(), () -> compute(key, version, ride), ride.left()));
  }

  private Run<Fresh> compute(CacheKey key, VersionKey version, Ride<Fresh> ride) {
    // The flight that computed it may have landed since the caller looked.
    CachedAnswer meanwhile = store.get(key);
    if (meanwhile != null) {
      var kept = new Fresh(meanwhile, Fresh.NO_TIME, true);
      return new Keeping(CompletableFuture.completedFuture(kept), () -> {});
    }
    Run<Fresh> run = ride.start().get();
    return new Keeping(
        run.result()
            .thenApply(
                fresh -> {
                  // Before the flight lands, so that nobody finds neither.
                  store.put(key, version, fresh.answer());
                  return fresh;
                }),
        run::cancel);
  }

  /**
   * Takes other settings; what is kept stays if it fits them.
   *
   * @return whether they are other ones, or the first
   */
  boolean change(CacheSettings wanted) {
    if (wanted.equals(settings)) {
      return false;
    }
    settings = wanted;
    store.change(wanted);
    return true;
  }

  void drop(VersionKey version) {
    store.drop(version);
  }

  /** Forgets everything; who still holds it keeps nothing of worth. */
  void close() {
    store.change(new CacheSettings(Duration.ofNanos(1), 0));
    store.clear();
    meters.close();
  }

  private record Keeping(CompletionStage<Fresh> result, Runnable giveUp) implements Run<Fresh> {
    @Override
    public void cancel() {
      giveUp.run();
    }
  }
}
