package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.QueuedRequest.State;

/** Tells listener and caller that a request has ended without a result. Never under the lock. */
final class Endings<P, R> {
  private final BatchListener listener;

  Endings(BatchListener listener) {
    this.listener = listener;
  }

  static BatchStage stageOf(State before) {
    return before == State.WAITING ? BatchStage.QUEUE : BatchStage.EXECUTION;
  }

  /** Completes a request that has just ended. */
  void end(QueuedRequest<P, R> entry, Reason reason, BatchStage stage) {
    long saved = stage == BatchStage.EXECUTION ? 0 : entry.savingNanos;
    try {
      switch (reason) {
        case DEADLINE_EXCEEDED -> listener.expired(stage, saved);
        case CANCELLED -> listener.cancelled(stage, saved);
        case QUEUE_FULL, CLOSED -> listener.rejected(reason);
      }
    } finally {
      entry.future.completeExceptionally(new BatchRejectedException(reason, stage));
    }
  }
}
