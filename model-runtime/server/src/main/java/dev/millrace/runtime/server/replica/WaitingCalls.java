package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.Ticker;
import dev.millrace.runtime.engine.LoadedModel;
import dev.millrace.runtime.engine.ModelLease;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Calls that wait until their version has been loaded again. Each ends exactly once: with a lease,
 * with the failure of the load, at its deadline, or when its caller gives up. Their number and
 * bytes are bounded as in the version's queue. Thread-safe; futures complete outside the lock.
 */
final class WaitingCalls {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Ticker ticker;
  private final Map<VersionKey, Set<Waiter>> rooms = new HashMap<>();
  private boolean closed;

  WaitingCalls(Ticker ticker) {
    this.ticker = ticker;
  }

  /** One waiting call. */
  private record Waiter(
      CompletableFuture<ModelLease<Replica>> lease, long deadlineNanos, long bytes) {
    /** A future is equal to nothing but itself, and that is what counts. */
    @Override
    public boolean equals(Object other) {
      return other instanceof Waiter waiter && waiter.lease == lease;
    }

    @Override
    public int hashCode() {
      return lease.hashCode();
    }
  }

  /**
   * Lets a call wait.
   *
   * @param bytes that it holds meanwhile
   * @param deadlineNanos when it is given up
   * @return the lease to close; who does not want it any more completes it exceptionally
   * @throws MillraceException OVERLOADED when too many wait already, or the runtime stops
   */
  CompletableFuture<ModelLease<Replica>> enter(
      VersionKey version, ServingOptions serving, long bytes, long deadlineNanos) {
    var waiter = new Waiter(new CompletableFuture<>(), deadlineNanos, bytes);
    synchronized (this) {
      if (closed) {
        throw stopping();
      }
      Set<Waiter> room = rooms.computeIfAbsent(version, _ -> new LinkedHashSet<>());
      long held = room.stream().mapToLong(Waiter::bytes).sum();
      if (room.size() >= serving.batching().maxQueue() || held + bytes > JoinPlan.MAX_QUEUE_BYTES) {
        throw MillraceException.of(
                ErrorCode.OVERLOADED,
                "version %d of model '%s' is being loaded and %d calls wait for it; try again after"
                    + " a pause",
                version.version(),
                version.model(),
                room.size())
            .withDetail("reason", "queue_full")
            .withRetryAfter(RETRY);
      }
      room.add(waiter);
    }
    var _ = waiter.lease().whenComplete((_, _) -> forget(version, waiter));
    return waiter.lease();
  }

  /** How many calls wait for the version. */
  synchronized int waiting(VersionKey version) {
    Set<Waiter> room = rooms.get(version);
    return room == null ? 0 : room.size();
  }

  /** The versions that calls wait for. */
  synchronized Set<VersionKey> versions() {
    return Set.copyOf(rooms.keySet());
  }

  /**
   * The version is loaded: every call gets a lease, unless it was unloaded again already.
   *
   * @return how many calls went on
   */
  int admit(VersionKey version, LoadedModel<Replica> model) {
    int admitted = 0;
    for (Waiter waiter : take(version, _ -> true)) {
      ModelLease<Replica> lease = model.acquire().orElse(null);
      if (lease == null) {
        waiter.lease().completeExceptionally(stopping());
      } else if (waiter.lease().complete(lease)) {
        admitted++;
      } else {
        lease.close();
      }
    }
    return admitted;
  }

  /** The version cannot be loaded: every call that waits for it fails. */
  void fail(VersionKey version, MillraceException failure) {
    take(version, _ -> true).forEach(waiter -> waiter.lease().completeExceptionally(failure));
  }

  /**
   * Fails the calls whose time is up.
   *
   * @param failure what to tell those that waited for a version
   */
  void expire(Function<VersionKey, MillraceException> failure) {
    long now = ticker.nanoTime();
    for (VersionKey version : versions()) {
      for (Waiter waiter : take(version, waiting -> waiting.deadlineNanos() - now <= 0)) {
        waiter.lease().completeExceptionally(failure.apply(version));
      }
    }
  }

  /** Fails every call that waits or comes. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    versions().forEach(version -> fail(version, stopping()));
  }

  private synchronized List<Waiter> take(VersionKey version, Predicate<Waiter> which) {
    Set<Waiter> room = rooms.get(version);
    if (room == null) {
      return List.of();
    }
    List<Waiter> taken = room.stream().filter(which).toList();
    taken.forEach(room::remove);
    if (room.isEmpty()) {
      rooms.remove(version);
    }
    return taken;
  }

  private void forget(VersionKey version, Waiter waiter) {
    var _ = take(version, waiter::equals);
  }

  private static MillraceException stopping() {
    return MillraceException.of(ErrorCode.OVERLOADED, "this runtime is shutting down; try another")
        .withDetail("reason", "draining")
        .withRetryAfter(RETRY);
  }
}
