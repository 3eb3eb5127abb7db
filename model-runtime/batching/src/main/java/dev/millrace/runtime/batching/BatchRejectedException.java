package dev.millrace.runtime.batching;

/**
 * A request ended without having been executed, or without anybody waiting for the result. Carries
 * no stack trace: it is an answer, not a fault.
 */
public final class BatchRejectedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** The queue holds as many requests or bytes as it may, or a more important one came. */
    QUEUE_FULL,
    /** The deadline or queue timeout has passed, or is bound to pass before there is a result. */
    DEADLINE_EXCEEDED,
    /** The scheduler takes no more requests, or could not finish this one in the drain time. */
    CLOSED,
    /** {@link Submission#cancel()} was called. */
    CANCELLED
  }

  private final Reason reason;
  private final BatchStage stage;

  BatchRejectedException(Reason reason, BatchStage stage) {
    super(reason + " in stage " + stage, null, false, false);
    this.reason = reason;
    this.stage = stage;
  }

  /** Why the request ended. */
  public Reason reason() {
    return reason;
  }

  /** How far it had come. */
  public BatchStage stage() {
    return stage;
  }
}
