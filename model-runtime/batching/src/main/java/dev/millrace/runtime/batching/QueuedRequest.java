package dev.millrace.runtime.batching;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through a {@link BatchQueue}. All fields but {@link #future} belong to the
 * queue and are guarded by whatever guards the queue. The links make removal from anywhere O(1).
 */
final class QueuedRequest<P, R> {
  /** Where the request is; it only moves to the right. */
  enum State {
    WAITING,
    RUNNING,
    ENDED
  }

  final BatchRequest<P> request;
  final long arrivalNanos;
  final CompletableFuture<BatchResult<R>> future = new CompletableFuture<>();

  State state = State.WAITING;
  int heapIndex = -1;
  @Nullable Lane<P, R> lane;
  @Nullable QueuedRequest<P, R> previous;
  @Nullable QueuedRequest<P, R> next;
  @Nullable QueuedRequest<P, R> lanePrevious;
  @Nullable QueuedRequest<P, R> laneNext;

  QueuedRequest(BatchRequest<P> request, long arrivalNanos) {
    this.request = request;
    this.arrivalNanos = arrivalNanos;
  }

  boolean hasDeadline() {
    return request.deadlineNanos() != BatchRequest.NO_DEADLINE;
  }

  /** Whether the deadline has passed at {@code now}. */
  boolean expiredAt(long now) {
    return hasDeadline() && request.deadlineNanos() - now <= 0;
  }

  /** The waiting requests of one shape key, oldest first. */
  static final class Lane<P, R> {
    final Object shapeKey;
    @Nullable QueuedRequest<P, R> head;
    @Nullable QueuedRequest<P, R> tail;
    long rows;

    Lane(Object shapeKey) {
      this.shapeKey = shapeKey;
    }

    void append(QueuedRequest<P, R> entry) {
      entry.lane = this;
      entry.lanePrevious = tail;
      if (tail == null) {
        head = entry;
      } else {
        tail.laneNext = entry;
      }
      tail = entry;
      rows += entry.request.rows();
    }

    void unlink(QueuedRequest<P, R> entry) {
      if (entry.lanePrevious == null) {
        head = entry.laneNext;
      } else {
        entry.lanePrevious.laneNext = entry.laneNext;
      }
      if (entry.laneNext == null) {
        tail = entry.lanePrevious;
      } else {
        entry.laneNext.lanePrevious = entry.lanePrevious;
      }
      entry.lanePrevious = null;
      entry.laneNext = null;
      entry.lane = null;
      rows -= entry.request.rows();
    }
  }
}
