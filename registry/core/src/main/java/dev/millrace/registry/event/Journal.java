package dev.millrace.registry.event;

import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The way every change takes into the store: state and the event that tells of it are committed
 * together, then whoever waits for events is woken and observers are told. Thread-safe.
 */
public final class Journal {
  private final ModelStore store;
  private final InstantSource clock;
  private final List<Consumer<Change.NewEvent>> observers = new CopyOnWriteArrayList<>();
  private final List<Runnable> reactions = new CopyOnWriteArrayList<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private long commits;

  /** A journal in front of {@code store}; {@code clock} dates the events. */
  public Journal(ModelStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Calls {@code observer} after each event is durable; it must be quick and must not throw. */
  public void observe(Consumer<Change.NewEvent> observer) {
    observers.add(observer);
  }

  /** Runs {@code reaction} after each commit that may change the snapshot; it must not throw. */
  public void afterEachCommit(Runnable reaction) {
    reactions.add(reaction);
  }

  /** Now, at the precision that every store keeps. */
  public Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** An event of now, to be committed with the change it tells of. */
  public Change.NewEvent event(String project, String subject, String type, String message) {
    return new Change.NewEvent(now(), project, subject, type, message);
  }

  /** {@link ModelStore#commit}, then everything that follows from it. */
  public boolean commit(List<Change> changes) {
    if (!commitQuietly(changes)) {
      return false;
    }
    reactions.forEach(Runnable::run);
    return true;
  }

  /** The same without the reactions: for the reaction itself. */
  public boolean commitQuietly(List<Change> changes) {
    if (!store.commit(changes)) {
      return false;
    }
    for (var change : changes) {
      if (change instanceof Change.NewEvent event) {
        observers.forEach(observer -> observer.accept(event));
      }
    }
    lock.lock();
    try {
      commits++;
      grown.signalAll();
    } finally {
      lock.unlock();
    }
    return true;
  }

  /** How many commits this process made: what {@link #awaitBeyond} takes. */
  public long position() {
    lock.lock();
    try {
      return commits;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something was committed after {@code position}, at most {@code wait}. */
  public void awaitBeyond(long position, Duration wait) throws InterruptedException {
    lock.lock();
    try {
      long left = wait.toNanos();
      while (commits <= position && left > 0) {
        left = grown.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Wakes everybody who waits: the process is ending. */
  public void wakeAll() {
    lock.lock();
    try {
      commits++;
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
