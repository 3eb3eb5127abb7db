package dev.millrace.runtime.batching;

/**
 * When a dispatcher that has nothing to do is woken for a request. To wake a thread costs more than
 * a small model's whole execution, and it then runs with a single request while the thread that
 * brought it reads the next one. A thread that reads several requests in a row, as an event loop
 * does, can put the wake-up off until it has brought them all.
 */
@FunctionalInterface
public interface WakeUps {
  /** At once. */
  WakeUps AT_ONCE = wake -> false;

  /**
   * Puts {@code wake} off until the calling thread is through with what it does now; called with
   * the scheduler's lock held, so it neither blocks nor runs it here.
   *
   * @return false when the calling thread cannot: it then wakes at once
   */
  boolean putOff(Runnable wake);
}
