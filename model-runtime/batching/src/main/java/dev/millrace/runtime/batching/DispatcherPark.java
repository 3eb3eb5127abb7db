package dev.millrace.runtime.batching;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where dispatchers wait. Each has its own seat and is woken at most once per wait, so that a burst
 * of arrivals pays for one wake-up and not for one each; the one that fell asleep last is woken
 * first, since its caches are warm. Every method is called with the lock held.
 */
final class DispatcherPark {
  /** One dispatcher's place to wait. */
  static final class Seat {
    private final Condition condition;
    private boolean woken;

    private Seat(Condition condition) {
      this.condition = condition;
    }
  }

  private final ReentrantLock lock;
  private final Deque<Seat> idle = new ArrayDeque<>();
  private final Deque<Seat> delaying = new ArrayDeque<>();

  DispatcherPark(ReentrantLock lock) {
    this.lock = lock;
  }

  Seat newSeat() {
    return new Seat(lock.newCondition());
  }

  /** Waits for work. */
  void awaitWork(Seat seat) {
    seat.woken = false;
    idle.push(seat);
    while (!seat.woken) {
      seat.condition.awaitUninterruptibly();
    }
  }

  /** Waits for company, at most {@code nanos}. */
  void awaitCompany(Seat seat, long nanos) {
    seat.woken = false;
    delaying.push(seat);
    long remaining = nanos;
    while (!seat.woken && remaining > 0) {
      try {
        remaining = seat.condition.awaitNanos(remaining);
      } catch (InterruptedException e) {
        // Nobody may stop a dispatcher but close(): an interrupt only ends this wait.
        break;
      }
    }
    delaying.remove(seat);
  }

  /** How many dispatchers have nothing to do. */
  int idle() {
    return idle.size();
  }

  /** How many dispatchers wait for company. */
  int delaying() {
    return delaying.size();
  }

  /** Wakes one dispatcher that has nothing to do, if there is one. */
  void wakeIdle() {
    wake(idle);
  }

  /** Wakes one dispatcher that waits for company, if there is one. */
  void wakeDelaying() {
    wake(delaying);
  }

  /** Wakes every dispatcher. */
  void wakeAll() {
    while (wake(idle) || wake(delaying)) {
      continue;
    }
  }

  private static boolean wake(Deque<Seat> seats) {
    Seat seat = seats.poll();
    if (seat == null) {
      return false;
    }
    seat.woken = true;
    seat.condition.signal();
    return true;
  }
}
