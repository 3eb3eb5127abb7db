package dev.millrace.gateway.server.upstream;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells everyone who works on a call that nobody waits for it any more: the caller went away, or
 * its time is over. Fires at most once. Safe from any thread; listeners run on the thread that
 * cancels.
 */
public final class CancelSignal {
  private final List<Runnable> listeners = new ArrayList<>(2);
  private boolean cancelled;

  /** Runs {@code listener} when the call is cancelled; at once when it already is. */
  public void onCancel(Runnable listener) {
    synchronized (listeners) {
      if (!cancelled) {
        listeners.add(listener);
        return;
      }
    }
    listener.run();
  }

  /** Whether nobody waits any more. */
  public boolean isCancelled() {
    synchronized (listeners) {
      return cancelled;
    }
  }

  /** Nobody waits any more. Repeats do nothing. */
  public void cancel() {
    List<Runnable> toRun;
    synchronized (listeners) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      toRun = List.copyOf(listeners);
      listeners.clear();
    }
    toRun.forEach(Runnable::run);
  }
}
