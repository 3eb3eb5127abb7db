package dev.millrace.runtime.batching;

/** How far a request had come when it ended without a result. */
public enum BatchStage {
  /** Never queued. */
  ADMISSION,
  /** Queued, and taken out before it cost any compute. */
  QUEUE,
  /** Already part of a running execution; its result is dropped. */
  EXECUTION
}
