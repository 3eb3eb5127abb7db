package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.QueuedRequest.Lane;

/**
 * Serves the lane whose head has waited longest, so that no shape starves; without a delay it never
 * leaves work lying.
 *
 * <p>With a delay, a batch that is not full waits for company until the oldest arrival is {@code
 * maxDelay} old, but never past half of what its head's deadline leaves, and not at all while
 * another dispatcher is idle (waiting would only save an idle processor). Meanwhile a lane that is
 * full goes first.
 */
final class OldestHeadPolicy implements BatchPolicy {
  private final long maxDelayNanos;
  private final int maxBatchRows;

  OldestHeadPolicy(BatchOptions options) {
    this.maxDelayNanos = options.maxDelay().toNanos();
    this.maxBatchRows = options.maxBatchRows();
  }

  @Override
  public <P, R> Decision<P, R> next(BatchQueue<P, R> queue, long now, int otherIdle) {
    QueuedRequest<P, R> oldest = queue.oldest();
    Lane<P, R> lane = queue.laneOf(oldest);
    if (maxDelayNanos == 0 || otherIdle > 0 || lane.rows >= maxBatchRows) {
      return new Decision.Take<>(lane);
    }
    long delay = maxDelayNanos;
    if (oldest.hasDeadline()) {
      delay = Math.min(delay, (oldest.request.deadlineNanos() - oldest.arrivalNanos) / 2);
    }
    long until = oldest.arrivalNanos + delay;
    if (until - now <= 0) {
      return new Decision.Take<>(lane);
    }
    for (Lane<P, R> other : queue.lanes()) {
      if (other.rows >= maxBatchRows) {
        return new Decision.Take<>(other);
      }
    }
    return new Decision.WaitUntil<>(until);
  }
}
