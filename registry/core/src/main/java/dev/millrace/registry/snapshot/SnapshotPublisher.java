package dev.millrace.registry.snapshot;

import dev.millrace.protocol.internal.RegistryLink.Audience;
import dev.millrace.protocol.internal.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds the newest snapshot and lets followers wait for a newer one. Thread-safe; a waiting thread
 * costs no more than its stack, so callers come on virtual threads.
 *
 * <p>After a restart the members are not known yet, and a snapshot without them would take all
 * replicas from gateways that serve happily from the last one. Whoever holds a snapshot of an
 * earlier life of this registry therefore gets the next one only when members had time to report.
 */
public final class SnapshotPublisher {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final LongSupplier ticker;
  private final long settledAt;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private @Nullable Snapshot current;
  private @Nullable Snapshot withoutKeys;
  private long firstNumber;
  private boolean closed;

  /**
   * A publisher that has nothing to publish yet.
   *
   * @param settle how long members may take to report after a restart
   * @param ticker nanoseconds of a clock that never jumps
   */
  public SnapshotPublisher(Duration settle, LongSupplier ticker) {
    this.ticker = ticker;
    this.settledAt = ticker.getAsLong() + settle.toNanos();
  }

  /** Replaces the snapshot and wakes everybody who waits. */
  public void publish(Snapshot next) {
    lock.lock();
    try {
      if (current == null) {
        firstNumber = next.number();
      }
      current = next;
      withoutKeys =
          new Snapshot(
              next.number(),
              next.epoch(),
              next.endpoints(),
              next.versions(),
              next.members(),
              next.assignments(),
              List.of());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The newest snapshot, with keys; empty before the first. */
  public Optional<Snapshot> current() {
    lock.lock();
    try {
      return Optional.ofNullable(current);
    } finally {
      lock.unlock();
    }
  }

  /** The contract of {@link dev.millrace.protocol.internal.RegistryLink#snapshot}. */
  public Optional<Snapshot> await(long after, String epoch, Audience audience, Duration wait)
      throws InterruptedException {
    var bounded = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    long deadline = ticker.getAsLong() + bounded.toNanos();
    lock.lock();
    try {
      while (!closed) {
        long now = ticker.getAsLong();
        long heldBack = heldBack(after, epoch, now);
        if (heldBack <= 0 && isNews(after, epoch)) {
          return Optional.ofNullable(audience == Audience.GATEWAY ? current : withoutKeys);
        }
        long left = deadline - now;
        if (left <= 0) {
          return Optional.empty();
        }
        changed.awaitNanos(heldBack > 0 ? Math.min(left, heldBack) : left);
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Lets everybody go who waits, with nothing: the process is ending. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the process is ending. */
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private boolean isNews(long after, String epoch) {
    var newest = current;
    return newest != null && (!newest.epoch().equals(epoch) || newest.number() > after);
  }

  private long heldBack(long after, String epoch, long now) {
    var newest = current;
    boolean ofEarlierLife =
        newest != null && newest.epoch().equals(epoch) && after > 0 && after < firstNumber;
    return ofEarlierLife ? settledAt - now : 0;
  }
}
