package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.QueuedRequest.Lane;
import dev.millrace.runtime.batching.QueuedRequest.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler's core: every request that has been admitted and has not ended, and all rules about
 * them. No threads, no locks, no clock: the caller passes the time, guards each call with one lock
 * and completes the futures of what it gets back outside of it. A request is handed back for
 * completion exactly once, when it moves to {@link State#ENDED}.
 *
 * <p>Every operation is O(1) but for the deadline heap's O(log n).
 */
final class BatchQueue<P, R> {
  private final BatchOptions options;
  private final Map<Object, Lane<P, R>> lanes = new HashMap<>();
  private final DeadlineHeap<P, R> deadlines = new DeadlineHeap<>();
  private final List<List<QueuedRequest<P, R>>> active = new ArrayList<>();
  private @Nullable QueuedRequest<P, R> head;
  private @Nullable QueuedRequest<P, R> tail;
  private int waiting;
  private long waitingBytes;
  private int running;

  BatchQueue(BatchOptions options) {
    this.options = options;
  }

  /** Admits the request, or says why not. */
  @Nullable Reason offer(QueuedRequest<P, R> entry) {
    if (entry.expiredAt(entry.arrivalNanos)) {
      entry.state = State.ENDED;
      return Reason.DEADLINE_EXCEEDED;
    }
    long bytes = entry.request.bytes();
    if (waiting >= options.maxQueue()
        || (waiting > 0 && waitingBytes + bytes > options.maxQueueBytes())) {
      entry.state = State.ENDED;
      return Reason.QUEUE_FULL;
    }
    entry.previous = tail;
    if (tail == null) {
      head = entry;
    } else {
      tail.next = entry;
    }
    tail = entry;
    lanes.computeIfAbsent(entry.request.shapeKey(), Lane::new).append(entry);
    if (entry.hasDeadline()) {
      deadlines.add(entry);
    }
    waiting++;
    waitingBytes += bytes;
    return null;
  }

  /**
   * The next batch of the lane, oldest first: as many whole requests as fit in the batch, always at
   * least one.
   */
  List<QueuedRequest<P, R>> take(Lane<P, R> lane) {
    var batch = new ArrayList<QueuedRequest<P, R>>();
    long rows = 0;
    QueuedRequest<P, R> entry = lane.head;
    while (entry != null) {
      rows += entry.request.rows();
      if (!batch.isEmpty() && rows > options.maxBatchRows()) {
        break;
      }
      QueuedRequest<P, R> following = entry.laneNext;
      unlink(entry);
      entry.state = State.RUNNING;
      running++;
      batch.add(entry);
      entry = following;
    }
    active.add(batch);
    return batch;
  }

  /** The batch that {@link #take} gave has been executed and its requests completed. */
  void retire(List<QueuedRequest<P, R>> batch) {
    active.removeIf(other -> other == batch);
  }

  /** Whether nothing waits and nothing is being executed. */
  boolean isEmpty() {
    return waiting == 0 && active.isEmpty();
  }

  /** Every request that has not ended: the waiting ones, oldest first, then the running ones. */
  List<QueuedRequest<P, R>> unfinished() {
    var entries = new ArrayList<QueuedRequest<P, R>>(waiting + running);
    for (QueuedRequest<P, R> entry = head; entry != null; entry = entry.next) {
      entries.add(entry);
    }
    for (List<QueuedRequest<P, R>> batch : active) {
      for (QueuedRequest<P, R> entry : batch) {
        if (entry.state == State.RUNNING) {
          entries.add(entry);
        }
      }
    }
    return entries;
  }

  /** Ends the request wherever it is; the state it was in, {@link State#ENDED} when it was over. */
  State end(QueuedRequest<P, R> entry) {
    State before = entry.state;
    if (before == State.WAITING) {
      unlink(entry);
    } else if (before == State.RUNNING) {
      running--;
    }
    deadlines.remove(entry);
    entry.state = State.ENDED;
    return before;
  }

  /**
   * The request with the nearest deadline, waiting or running, if that has passed at {@code now}.
   */
  @Nullable QueuedRequest<P, R> expired(long now) {
    QueuedRequest<P, R> first = deadlines.first();
    return first != null && first.expiredAt(now) ? first : null;
  }

  /** The nearest deadline, or {@link BatchRequest#NO_DEADLINE}. */
  long nextDeadline() {
    QueuedRequest<P, R> first = deadlines.first();
    return first == null ? BatchRequest.NO_DEADLINE : first.request.deadlineNanos();
  }

  /** The request that has waited longest; there must be one. */
  QueuedRequest<P, R> oldest() {
    if (head == null) {
      throw new IllegalStateException("no request waits");
    }
    return head;
  }

  /** The lane that a waiting request stands in. */
  Lane<P, R> laneOf(QueuedRequest<P, R> entry) {
    if (entry.lane == null) {
      throw new IllegalStateException("the request does not wait");
    }
    return entry.lane;
  }

  /** The lanes with at least one waiting request. */
  Collection<Lane<P, R>> lanes() {
    return lanes.values();
  }

  /** Requests that wait. */
  int waiting() {
    return waiting;
  }

  /** Bytes of the requests that wait. */
  long waitingBytes() {
    return waitingBytes;
  }

  /** Requests that are being executed and whose callers still wait. */
  int running() {
    return running;
  }

  private void unlink(QueuedRequest<P, R> entry) {
    if (entry.previous == null) {
      head = entry.next;
    } else {
      entry.previous.next = entry.next;
    }
    if (entry.next == null) {
      tail = entry.previous;
    } else {
      entry.next.previous = entry.previous;
    }
    entry.previous = null;
    entry.next = null;
    Lane<P, R> lane = laneOf(entry);
    lane.unlink(entry);
    if (lane.head == null) {
      lanes.remove(lane.shapeKey);
    }
    waiting--;
    waitingBytes -= entry.request.bytes();
  }
}
