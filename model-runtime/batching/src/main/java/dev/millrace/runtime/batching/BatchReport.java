package dev.millrace.runtime.batching;

/**
 * One batch as it was taken from the queue.
 *
 * @param requests how many requests it joined
 * @param rows how many rows they had together
 * @param queueNanos each request's time from arrival to dispatch, in batch order; not to be changed
 * @param computeNanos from dispatch to the last result, including executions after a split
 * @param executions calls of the executor: 1, or more when the batch failed and was split; 0 when
 *     every request had ended before the first
 * @param paddingRatio which part of what was computed is padding: 0 when all lengths are equal
 */
@SuppressWarnings("ArrayRecordComponent")
public record BatchReport(
    int requests,
    int rows,
    long[] queueNanos,
    long computeNanos,
    int executions,
    double paddingRatio) {}
