package dev.millrace.runtime.server.replica;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A thread on which things happen one after the other, so that what they change needs no locks.
 * After {@link #stop()} it takes nothing more, silently. Safe from many threads.
 */
final class ControlThread {
  private static final Logger LOG = Logger.getLogger(ControlThread.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

  private final ScheduledExecutorService executor;

  ControlThread(String name) {
    executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name(name, 0).daemon().factory());
  }

  /** As soon as may be. */
  void run(Runnable action) {
    after(Duration.ZERO, action);
  }

  /** Once, after a while. */
  void after(Duration delay, Runnable action) {
    try {
      var _ = executor.schedule(guarded(action), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException stopping) {
      LOG.debug("nothing new: stopping");
    }
  }

  /** Again and again, with a pause between, the first time after {@code first}. */
  void every(Duration first, Duration pause, Runnable action) {
    var _ =
        executor.scheduleWithFixedDelay(
            guarded(action), first.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Takes nothing more; what runs now goes on, see {@link #await()}. */
  void stop() {
    executor.shutdown();
  }

  /** Waits, for two seconds at most, until what ran when it was stopped is over. */
  void await() {
    try {
      if (!executor.awaitTermination(STOP_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What throws must show, not vanish in a future; and what repeats must go on. */
  private static Runnable guarded(Runnable action) {
    return () -> {
      try {
        action.run();
      } catch (RuntimeException bug) {
        LOG.error("an action failed that nobody waits for", bug);
      }
    };
  }
}
