package dev.millrace.runtime.batching;

/**
 * Hears what the scheduler does, for metrics. Called outside the scheduler's lock, from callers'
 * and dispatcher threads at once; must be fast, thread-safe and not throw.
 */
public interface BatchListener {
  /** Hears nothing. */
  BatchListener NONE = new BatchListener() {};

  /** A request was accepted into the queue. */
  default void queued(int rows, long bytes) {}

  /** A batch was executed, or failed. */
  default void dispatched(BatchReport report) {}

  /** A request was refused or dropped: QUEUE_FULL or CLOSED. */
  default void rejected(BatchRejectedException.Reason reason) {}

  /** A request was cancelled by its owner. */
  default void cancelled(BatchStage stage) {}

  /** A request's deadline passed. */
  default void expired(BatchStage stage) {}
}
