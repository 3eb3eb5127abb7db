package dev.millrace.runtime.batching;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a free dispatcher takes its next batch. Without a delay it never leaves work lying.
 *
 * <p>With a delay, a batch that is not full waits for company until the oldest arrival is {@code
 * maxDelay} old, but only while a bigger batch pays, never longer than the head's slack allows
 * (half of what its deadline leaves while the model's times are not known), and not at all while
 * another dispatcher is idle: waiting would only save an idle processor. Meanwhile another family
 * that is full goes first.
 */
final class BatchPolicy<P, R> {
  /** The next step of a free dispatcher. */
  sealed interface Decision<P, R> {
    /** Take the batch of this head now. */
    record Take<P, R>(QueuedRequest<P, R> head) implements Decision<P, R> {}

    /** Look again at this time, or when a batch is full. */
    record WaitUntil<P, R>(long nanos) implements Decision<P, R> {}
  }

  private final Duration maxDelay;
  private final boolean byArrival;
  private final LatencyCurve curve;
  private final BatchSizer sizer;
  private final BatchQueue<P, R> queue;
  private final BatchPicker<P, R> picker;

  BatchPolicy(
      BatchOptions options,
      LatencyCurve curve,
      BatchSizer sizer,
      BatchQueue<P, R> queue,
      BatchPicker<P, R> picker) {
    this.maxDelay = options.maxDelay();
    this.byArrival = options.queue().byArrival();
    this.curve = curve;
    this.sizer = sizer;
    this.queue = queue;
    this.picker = picker;
  }

  /**
   * The next step; at least one request waits.
   *
   * @param otherIdle how many other dispatchers have nothing to do
   */
  Decision<P, R> next(long now, int otherIdle) {
    QueuedRequest<P, R> head = picker.head(now);
    if (maxDelay.isZero() || otherIdle > 0 || isFull(head)) {
      return new Decision.Take<>(head);
    }
    long until = oldestArrival(now) + maxDelay.toNanos();
    if (head.hasDeadline()) {
      long slackEnd = slackEnd(head);
      until = slackEnd - until < 0 ? slackEnd : until;
    }
    if (until - now <= 0) {
      return new Decision.Take<>(head);
    }
    QueuedRequest<P, R> other = headOfFullFamily(head);
    return other == null ? new Decision.WaitUntil<>(until) : new Decision.Take<>(other);
  }

  /** Whether company would not make the batch of this request any cheaper. */
  boolean isFull(QueuedRequest<P, R> entry) {
    Lane<P, R> lane = picker.lane(entry);
    return !sizer.pays(picker.available(lane), lane.length);
  }

  private long oldestArrival(long now) {
    long oldest = now;
    for (Level<P, R> level : queue.room().levels()) {
      QueuedRequest<P, R> first = level.oldest();
      if (first != null && first.arrivalNanos - oldest < 0) {
        oldest = first.arrivalNanos;
      }
    }
    return oldest;
  }

  /** Until when the head can wait and still be computed in time. */
  private long slackEnd(QueuedRequest<P, R> head) {
    int length = head.request.length();
    int rows = Math.max(head.request.rows(), sizer.best(length));
    long nanos = curve.nanos(rows, length);
    return nanos == LatencyCurve.UNKNOWN
        ? head.arrivalNanos + (head.deadlineNanos() - head.arrivalNanos) / 2
        : head.deadlineNanos() - 2 * nanos;
  }

  /** Only while all requests count alike may one go first because its batch is full. */
  private @Nullable QueuedRequest<P, R> headOfFullFamily(QueuedRequest<P, R> head) {
    Level<P, R> level = head.level;
    if (byArrival) {
      return null;
    }
    for (Family<P, R> family : queue.room().families()) {
      QueuedRequest<P, R> first =
          family.rows == 0 || level == null ? null : family.mostUrgentOf(level);
      if (first != null && isFull(first)) {
        return first;
      }
    }
    return null;
  }
}
