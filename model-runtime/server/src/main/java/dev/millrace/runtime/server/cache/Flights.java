package dev.millrace.runtime.server.cache;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Computes once what several ask for at the same time. Each caller keeps its own deadline and may
 * go away without harm to the others. Thread-safe; nothing blocks.
 *
 * @param <K> what is computed, with {@code equals} and {@code hashCode}
 */
final class Flights<K, V> {
  private final ConcurrentHashMap<K, Flight<K, V>> flights = new ConcurrentHashMap<>();
  private final Predicate<Throwable> ownFault;
  private final Alarm alarm;

  /** Wakes somebody at a time. */
  interface Alarm {
    /**
     * Runs {@code action} once at {@code nanoTime} or soon after.
     *
     * @return takes it back; idempotent
     */
    Runnable set(long nanoTime, Runnable action);
  }

  /**
   * No flights yet.
   *
   * @param ownFault whether a failure is of the one who computed and says nothing about what the
   *     others would get
   */
  Flights(Predicate<Throwable> ownFault, Alarm alarm) {
    this.ownFault = ownFault;
    this.alarm = alarm;
  }

  /** Waits for what is under way, or computes. */
  Passenger<V> board(K key, Ride<V> ride) {
    var passenger = new Passenger<>(ride);
    while (true) {
      Flight<K, V> flight =
          flights.computeIfAbsent(key, missing -> new Flight<>(missing, this, ownFault));
      switch (flight.board(passenger)) {
        case PILOT -> {
          flight.fly(passenger);
          return passenger;
        }
        case FOLLOWER -> {
          passenger.follow(flight, alarm);
          return passenger;
        }
        case LANDED -> flights.remove(key, flight);
      }
    }
  }

  void landed(K key, Flight<K, V> flight) {
    flights.remove(key, flight);
  }

  /** How many computations are under way. */
  int size() {
    return flights.size();
  }
}
