package dev.millrace.protocol.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows the registry's snapshot for the life of a process: long-polls, hands each new one to a
 * listener, keeps the last one on disk when given a file, and goes on trying while the registry is
 * away (exponential back-off with full jitter, at most 5 s).
 *
 * <p>The listener is called by one thread at a time, in the order of the snapshots: first inside
 * {@link #start} with what was on disk, if anything, then on the follower's own daemon thread. A
 * listener that throws does not stop the follower: the snapshot counts as not taken and is asked
 * for again after a pause.
 */
public final class SnapshotFollower implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(30);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  /** Who takes what the follower brings. */
  public interface Listener {
    /** A snapshot that replaces the one before entirely. */
    void onSnapshot(Snapshot snapshot);

    /**
     * Something did not work; the follower goes on by itself.
     *
     * @param failure what happened
     * @param failuresInARow 1 at the first failure after a success: the one worth a log line
     */
    default void onFailure(Exception failure, int failuresInARow) {}
  }

  private final RegistryLink link;
  private final RegistryLink.Audience audience;
  private final Listener listener;
  private final @Nullable SnapshotFile file;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);

  private volatile Snapshot current = Snapshot.EMPTY;
  private volatile boolean connected;

  /**
   * A follower that has not started yet.
   *
   * @param file where the last snapshot survives a restart; null keeps nothing
   */
  public SnapshotFollower(
      RegistryLink link, RegistryLink.Audience audience, Listener listener, @Nullable Path file) {
    this.link = link;
    this.audience = audience;
    this.listener = listener;
    this.file = file == null ? null : new SnapshotFile(file);
    this.thread = new Thread(this::follow, "millrace-snapshot-follower");
    this.thread.setDaemon(true);
  }

  /** Publishes what is on disk, if anything, then follows the registry in the background. Once. */
  public void start() {
    if (file != null) {
      try {
        file.load().ifPresent(this::publish);
      } catch (IOException | RuntimeException unreadable) {
        listener.onFailure(unreadable, 1);
      }
    }
    thread.start();
  }

  /** The last snapshot the listener took; {@link Snapshot#EMPTY} before any. */
  public Snapshot current() {
    return current;
  }

  /** Whether the last exchange with the registry worked. */
  public boolean connected() {
    return connected;
  }

  /** Stops following; waits at most 2 s for a listener that is still at work. Idempotent. */
  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join(CLOSE_LIMIT.toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() {
    int failures = 0;
    while (closed.getCount() > 0) {
      try {
        var held = current;
        var newer = link.snapshot(held.number(), held.epoch(), audience, POLL);
        connected = true;
        if (newer.isPresent() && replaces(held, newer.get())) {
          publish(newer.get());
          keep(newer.get());
        }
        failures = 0;
      } catch (InterruptedException interrupted) {
        return;
      } catch (IOException | RuntimeException failure) {
        connected = false;
        if (closed.getCount() == 0) {
          return;
        }
        failures++;
        listener.onFailure(failure, failures);
        if (pausedUntilClosed(failures)) {
          return;
        }
      }
    }
  }

  /** A late answer of the same registry must not take the process back in time. */
  private static boolean replaces(Snapshot held, Snapshot newer) {
    return !held.epoch().equals(newer.epoch()) || newer.number() > held.number();
  }

  private void publish(Snapshot snapshot) {
    listener.onSnapshot(snapshot);
    current = snapshot;
  }

  /** A full disk must not stop the traffic from following: the file is a convenience. */
  private void keep(Snapshot snapshot) {
    if (file == null) {
      return;
    }
    try {
      file.save(snapshot);
    } catch (IOException unwritable) {
      listener.onFailure(unwritable, 1);
    }
  }

  private boolean pausedUntilClosed(int failures) {
    long longest =
        Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(failures - 1, 10));
    // Full jitter: a thousand followers of a restarted registry must not come back in step.
    long pause = 1 + ThreadLocalRandom.current().nextLong(longest);
    try {
      return closed.await(pause, TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      return true;
    }
  }
}
