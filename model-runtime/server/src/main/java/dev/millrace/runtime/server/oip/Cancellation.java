package dev.millrace.runtime.server.oip;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How a transport says that nobody waits for a call any more. One for each call; safe from many
 * threads. Whoever does the work attaches what gives it up.
 */
public final class Cancellation {
  private static final Runnable CANCELLED = () -> {};

  private final AtomicReference<@Nullable Runnable> hook = new AtomicReference<>();

  /** The client went away. Idempotent; after the answer it does nothing. */
  public void cancel() {
    Runnable attached = hook.getAndSet(CANCELLED);
    if (attached != null) {
      attached.run();
    }
  }

  /** Whether {@link #cancel} was called. */
  public boolean isCancelled() {
    return hook.get() == CANCELLED;
  }

  /**
   * Attaches one more thing to give up; when the call is cancelled already, it is given up at once.
   *
   * @param action fast, idempotent, called at most once
   */
  public void onCancel(Runnable action) {
    while (true) {
      Runnable present = hook.get();
      if (present == CANCELLED) {
        action.run();
        return;
      }
      Runnable both =
          present == null
              ? action
              : () -> {
                present.run();
                action.run();
              };
      if (hook.compareAndSet(present, both)) {
        return;
      }
    }
  }
}
