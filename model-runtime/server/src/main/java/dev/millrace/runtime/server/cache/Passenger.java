package dev.millrace.runtime.server.cache;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One caller among those that wait for the same computation. Giving up ends its own wait at once
 * and the computation only when nobody else waits. Thread-safe.
 */
public final class Passenger<V> implements Run<V> {
  private final Ride<V> ride;
  private final CompletableFuture<V> result = new CompletableFuture<>();
  private volatile @Nullable Flight<?, V> flight;
  private volatile @Nullable Runnable alarm;
  private volatile boolean pilot;

  Passenger(Ride<V> ride) {
    this.ride = ride;
  }

  /**
   * Fails with what the computation failed with, with DEADLINE_EXCEEDED when the caller's own time
   * is over, with CLIENT_CLOSED after {@link #cancel}.
   */
  @Override
  public CompletableFuture<V> result() {
    return result;
  }

  /** Whether the result is, or will be, of this caller's own computation. */
  public boolean isPilot() {
    return pilot;
  }

  @Override
  public void cancel() {
    leave(Ride.Departure.CANCELLED);
  }

  Run<V> start() {
    try {
      return ride.start().get();
    } catch (RuntimeException refused) {
      return new Refused<>(CompletableFuture.failedFuture(refused));
    }
  }

  /** It waits for somebody else's computation: nobody but the alarm holds its deadline. */
  void follow(Flight<?, V> boarded, Flights.Alarm alarms) {
    flight = boarded;
    if (ride.deadlineNanos() == Long.MAX_VALUE) {
      return;
    }
    Runnable off = alarms.set(ride.deadlineNanos(), () -> leave(Ride.Departure.EXPIRED));
    alarm = off;
    if (result.isDone() || pilot) {
      off.run();
    }
  }

  /** The computation is its own from now on, and holds its deadline. */
  void takeOver(Flight<?, V> boarded) {
    flight = boarded;
    pilot = true;
    silence();
  }

  void end(@Nullable V value, @Nullable Throwable failure) {
    silence();
    if (failure != null) {
      result.completeExceptionally(failure);
    } else if (value != null) {
      result.complete(value);
    }
  }

  private void silence() {
    Runnable off = alarm;
    if (off != null) {
      off.run();
    }
  }

  private void leave(Ride.Departure why) {
    Flight<?, V> boarded = flight;
    if (boarded == null || (why == Ride.Departure.EXPIRED && pilot)) {
      return;
    }
    switch (boarded.leave(this)) {
      case NOT_ABOARD -> {}
      case LAST -> {
        end(null, failure(why));
        boarded.abandon();
      }
      case OTHERS_STAY -> {
        ride.left().accept(why);
        end(null, failure(why));
      }
    }
  }

  private static MillraceException failure(Ride.Departure why) {
    return switch (why) {
      case EXPIRED ->
          MillraceException.of(
                  ErrorCode.DEADLINE_EXCEEDED,
                  "the deadline passed while the call waited for an identical one")
              .withDetail("stage", "queue");
      case CANCELLED -> MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away");
    };
  }

  private record Refused<V>(CompletableFuture<V> result) implements Run<V> {
    @Override
    public void cancel() {
      // It never began.
    }
  }
}
