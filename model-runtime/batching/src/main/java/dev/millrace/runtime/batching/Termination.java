package dev.millrace.runtime.batching;

import org.jspecify.annotations.Nullable;

/**
 * Tells one running execution that nobody waits for any of its rows any more. Thread-safe.
 *
 * <p>An executor that can stop midway registers how; the execution may then end in any way, its
 * outcome is dropped.
 */
public final class Termination {
  private boolean terminated;
  private boolean over;
  private @Nullable Runnable action;

  Termination() {}

  /**
   * Registers what stops the execution; run here at once when it is to stop already.
   *
   * @param stop fast, called at most once, from any thread, and not after the executor has
   *     returned; replaces one registered before
   */
  public synchronized void onTerminate(Runnable stop) {
    if (terminated) {
      stop.run();
    } else {
      action = stop;
    }
  }

  /** Whether nobody waits any more: then a failure says nothing about the model. */
  public synchronized boolean isTerminated() {
    return terminated;
  }

  /** Stops the execution if it still runs. Holds the monitor meanwhile, so that it cannot end. */
  synchronized void terminate() {
    if (over || terminated) {
      return;
    }
    terminated = true;
    if (action != null) {
      action.run();
    }
  }

  /** The executor has returned: nothing may be stopped any more. */
  synchronized void finish() {
    over = true;
    action = null;
  }
}
