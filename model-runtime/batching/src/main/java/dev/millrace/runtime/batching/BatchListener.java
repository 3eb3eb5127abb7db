package dev.millrace.runtime.batching;

/**
 * Hears what the scheduler does, for metrics. Called outside the scheduler's lock, from callers'
 * and dispatcher threads at once; must be fast, thread-safe and not throw.
 *
 * <p>What is saved is the predicted compute time that was not spent, zero while the model's times
 * are not known.
 */
public interface BatchListener {
  /** Hears nothing. */
  BatchListener NONE = new BatchListener() {};

  /** A request was accepted into the queue. */
  default void queued(int rows, long bytes) {}

  /** A batch was executed, or failed, or was terminated. */
  default void dispatched(BatchReport report) {}

  /** A request was refused or dropped: QUEUE_FULL or CLOSED. */
  default void rejected(BatchRejectedException.Reason reason) {}

  /** A request was cancelled by its owner. */
  default void cancelled(BatchStage stage, long savedNanos) {}

  /**
   * A request's deadline or queue timeout passed, or was bound to: in stage ADMISSION and QUEUE
   * also one that could not have been answered in time.
   */
  default void expired(BatchStage stage, long savedNanos) {}

  /** An execution for which nobody waited any more was stopped before its end. */
  default void terminated(long savedNanos) {}
}
