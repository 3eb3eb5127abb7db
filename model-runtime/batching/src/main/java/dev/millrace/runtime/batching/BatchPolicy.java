package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.QueuedRequest.Lane;

/**
 * Decides which lane a free dispatcher takes its next batch from, and when. Pure: the answer
 * depends on the arguments only. Called under the scheduler's lock with at least one request
 * waiting.
 */
interface BatchPolicy {
  /** The next step of a free dispatcher. */
  sealed interface Decision<P, R> {
    /** Take the next batch from this lane now. */
    record Take<P, R>(Lane<P, R> lane) implements Decision<P, R> {}

    /** Look again at this time, or when a lane is full. */
    record WaitUntil<P, R>(long nanos) implements Decision<P, R> {}
  }

  /**
   * The next step.
   *
   * @param now on the scheduler's ticker
   * @param otherIdle how many other dispatchers have nothing to do
   */
  <P, R> Decision<P, R> next(BatchQueue<P, R> queue, long now, int otherIdle);
}
