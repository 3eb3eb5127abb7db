package dev.millrace.runtime.batching;

/**
 * One request as the scheduler sees it.
 *
 * @param payload what the {@link BatchExecutor} gets
 * @param rows rows along the batch axis, at least 1
 * @param bytes what the payload holds in memory while it waits; not negative
 * @param shapeKey only requests with equal keys are joined; needs stable {@code equals} and {@code
 *     hashCode}
 * @param deadlineNanos on the scheduler's {@link Ticker}, or {@link #NO_DEADLINE}
 */
public record BatchRequest<P>(
    P payload, int rows, long bytes, Object shapeKey, long deadlineNanos) {
  /** The caller waits as long as it takes. */
  public static final long NO_DEADLINE = Long.MAX_VALUE;

  public BatchRequest {
    if (rows < 1) {
      throw new IllegalArgumentException("rows: " + rows + " (expected: at least 1)");
    }
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: not negative)");
    }
  }
}
