package dev.millrace.runtime.server.cache;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One computation and those who wait for it. The first of them is the pilot: it computes on its own
 * terms. When it goes away the computation goes on; when it fails for a reason of its own (its
 * deadline, its place in the queue), the one who came next computes. State is guarded by this;
 * callers are completed outside.
 */
final class Flight<K, V> {
  private final K key;
  private final Flights<K, V> flights;
  private final Predicate<Throwable> ownFault;
  private final Set<Passenger<V>> aboard = new LinkedHashSet<>();
  private @Nullable Passenger<V> pilot;
  private @Nullable Run<V> run;
  private boolean landed;

  /** How somebody came aboard. */
  enum Boarding {
    PILOT,
    FOLLOWER,
    /** Too late: it is over. */
    LANDED
  }

  /** What it meant that somebody left. */
  enum Leaving {
    NOT_ABOARD,
    LAST,
    OTHERS_STAY
  }

  private record Outcome<V>(@Nullable V value, @Nullable Throwable failure) {}

  Flight(K key, Flights<K, V> flights, Predicate<Throwable> ownFault) {
    this.key = key;
    this.flights = flights;
    this.ownFault = ownFault;
  }

  synchronized Boarding board(Passenger<V> passenger) {
    if (landed) {
      return Boarding.LANDED;
    }
    aboard.add(passenger);
    if (pilot != null) {
      return Boarding.FOLLOWER;
    }
    pilot = passenger;
    passenger.takeOver(this);
    return Boarding.PILOT;
  }

  synchronized Leaving leave(Passenger<V> passenger) {
    if (!aboard.remove(passenger)) {
      return Leaving.NOT_ABOARD;
    }
    return aboard.isEmpty() ? Leaving.LAST : Leaving.OTHERS_STAY;
  }

  /** Stops computing if still nobody waits; who comes before it has stopped computes anew. */
  void abandon() {
    Run<V> running;
    synchronized (this) {
      running = aboard.isEmpty() ? run : null;
    }
    if (running != null) {
      running.cancel();
    }
  }

  /** Computes; in a loop, since a thousand who are refused at once must not make a deep stack. */
  void fly(@Nullable Passenger<V> first) {
    Passenger<V> next = first;
    while (next != null) {
      Run<V> started = next.start();
      synchronized (this) {
        run = started;
      }
      abandon();
      CompletableFuture<Outcome<V>> outcome =
          started
              .result()
              .handle((value, failure) -> new Outcome<V>(value, failure))
              .toCompletableFuture();
      if (!outcome.isDone()) {
        var _ = outcome.thenAccept(later -> fly(land(later)));
        return;
      }
      next = land(outcome.join());
    }
  }

  /** Ends it for whom it ends; the one who computes next, or null. */
  private @Nullable Passenger<V> land(Outcome<V> outcome) {
    Throwable failure = cause(outcome.failure());
    boolean again = failure != null && ownFault.test(failure);
    Passenger<V> next = null;
    List<Passenger<V>> ended;
    synchronized (this) {
      run = null;
      if (again) {
        ended = pilot != null && aboard.remove(pilot) ? List.of(pilot) : List.of();
        next = aboard.isEmpty() ? null : aboard.iterator().next();
      } else {
        ended = List.copyOf(aboard);
        aboard.clear();
      }
      pilot = next;
      landed = next == null;
      if (next != null) {
        next.takeOver(this);
      }
    }
    if (next == null) {
      flights.landed(key, this);
    }
    ended.forEach(passenger -> passenger.end(outcome.value(), failure));
    return next;
  }

  private static @Nullable Throwable cause(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
