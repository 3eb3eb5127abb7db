package dev.millrace.runtime.batching;

import static dev.millrace.runtime.batching.Expectations.expect;

/**
 * One request as the scheduler sees it.
 *
 * @param payload what the {@link BatchExecutor} gets
 * @param rows rows along the batch axis, at least 1
 * @param bytes what the payload holds in memory while it waits; not negative
 * @param familyKey only requests with equal keys are joined: all of the shape but the length; needs
 *     stable {@code equals} and {@code hashCode}
 * @param length size along the dimension that may be padded; 0 where there is none
 * @param terms by when, before whom and for whom
 */
public record BatchRequest<P>(
    P payload, int rows, long bytes, Object familyKey, int length, Terms terms) {
  /** The caller waits as long as it takes. */
  public static final long NO_DEADLINE = Long.MAX_VALUE;

  public BatchRequest {
    expect(rows >= 1, "rows", rows, "at least 1");
    expect(bytes >= 0, "bytes", bytes, "not negative");
    expect(length >= 0, "length", length, "not negative");
  }

  /**
   * What a caller asks for besides the work itself. One instance may serve many requests.
   *
   * @param deadlineNanos by when the result must be there, on the scheduler's {@link Ticker}, or
   *     {@link #NO_DEADLINE}
   * @param queueDeadlineNanos by when it should leave the queue ({@link
   *     QueuePolicy.TimeoutAction}), or {@link #NO_DEADLINE}
   * @param priority 1 is served first; 0 is the default, the middle level; a number beyond the
   *     levels counts as the last
   * @param project who pays: projects get equal shares of the compute while several wait
   */
  public record Terms(long deadlineNanos, long queueDeadlineNanos, int priority, String project) {
    /** No deadline, default priority, the project without a name. */
    public static final Terms NONE = new Terms(NO_DEADLINE, NO_DEADLINE, 0, "");

    public Terms {
      expect(priority >= 0, "priority", priority, "0 for the default, or 1 and more");
    }

    /** No queue timeout, default priority, the project without a name. */
    public static Terms until(long deadlineNanos) {
      return new Terms(deadlineNanos, NO_DEADLINE, 0, "");
    }
  }
}
