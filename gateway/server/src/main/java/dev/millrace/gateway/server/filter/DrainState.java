package dev.millrace.gateway.server.filter;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Whether the process takes new calls, and how many are in it. Safe from any thread. */
@Singleton
public class DrainState {
  private static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final AtomicInteger inFlight = new AtomicInteger();
  private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /** No new calls from now on. */
  public void begin() {
    draining = true;
    listeners.forEach(Runnable::run);
  }

  /**
   * Tells {@code listener} when the drain begins, at once when it has begun. It may be told twice,
   * from any thread, until {@link #forget}.
   */
  public void whenDraining(Runnable listener) {
    listeners.add(listener);
    if (draining) {
      listener.run();
    }
  }

  /** Tells {@code listener} nothing any more. */
  public void forget(Runnable listener) {
    listeners.remove(listener);
  }

  /** Whether new calls are refused. */
  public boolean draining() {
    return draining;
  }

  /** One call that a stopping process waits for. Not safe from several threads. */
  public final class Place {
    private boolean left;

    private Place() {}

    /** The call is over, or need not be waited for; says so once, however often it is called. */
    public void leave() {
      if (!left) {
        left = true;
        oneLess();
      }
    }
  }

  /** A call has arrived; it is in flight until it leaves its place. */
  public Place enter() {
    inFlight.incrementAndGet();
    return new Place();
  }

  private void oneLess() {
    if (inFlight.decrementAndGet() == 0 && draining) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /**
   * Waits until no call is in flight.
   *
   * @return whether that came before {@code limit} was over
   */
  public boolean awaitIdle(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (this) {
      while (inFlight.get() > 0) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        // Bounded, since the last call may leave between the look at the counter and the wait.
        TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, LONGEST_WAIT_NANOS));
      }
      return true;
    }
  }

  /** Calls that are not over. */
  public int inFlight() {
    return inFlight.get();
  }
}
