package dev.millrace.runtime.batching;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Lets the results of batches out in the order in which the batches were taken, while several run
 * at once. Thread-safe; what is let out runs outside of any lock, on the thread of whichever batch
 * made it its turn.
 */
final class ResultOrder {
  private final Map<Long, Held> held = new HashMap<>();
  private long turn;
  private boolean releasing;

  /** What a batch has to tell, and whether it has told all. */
  private static final class Held {
    final Queue<Runnable> results = new ArrayDeque<>();
    boolean complete;
  }

  /** Runs the action when it is the batch's turn: now, or later on another thread. */
  void tell(long batch, Runnable results) {
    synchronized (this) {
      held.computeIfAbsent(batch, _ -> new Held()).results.add(results);
    }
    release();
  }

  /** The batch has told all; every batch comes here once. */
  void complete(long batch) {
    synchronized (this) {
      held.computeIfAbsent(batch, _ -> new Held()).complete = true;
    }
    release();
  }

  /** One thread at a time lets out whatever has its turn. */
  private void release() {
    while (true) {
      Runnable next;
      synchronized (this) {
        if (releasing) {
          return;
        }
        next = next();
        if (next == null) {
          return;
        }
        releasing = true;
      }
      try {
        next.run();
      } finally {
        synchronized (this) {
          releasing = false;
        }
      }
    }
  }

  private @Nullable Runnable next() {
    for (Held first = held.get(turn); first != null; first = held.get(turn)) {
      Runnable next = first.results.poll();
      if (next != null) {
        return next;
      }
      if (!first.complete) {
        return null;
      }
      held.remove(turn++);
    }
    return null;
  }
}
