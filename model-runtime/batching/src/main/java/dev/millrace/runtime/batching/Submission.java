package dev.millrace.runtime.batching;

import java.util.concurrent.CompletionStage;

/** One submitted request. Thread-safe. */
public interface Submission<R> {
  /**
   * Completes exactly once: with the result, with the executor's exception, or with {@link
   * BatchRejectedException}. Dependents without an executor of their own run on the dispatcher
   * thread and hold up the next batch: keep them short or hand them over.
   */
  CompletionStage<BatchResult<R>> result();

  /** When it arrived, on the scheduler's clock: {@link System#nanoTime()} outside of tests. */
  long arrivalNanos();

  /** How long it waited, from its arrival to its dispatch; -1 while it has not been dispatched. */
  long queueNanos();

  /**
   * Gives the request up. A waiting request leaves the queue at once; one that is being executed
   * completes at once and its result is dropped; the executor may go on reading its payload until
   * the execution is over, so the payload's memory must not be recycled on this completion.
   *
   * @return whether this call ended the request; false when it had already ended
   */
  boolean cancel();
}
