package dev.millrace.runtime.batching;

/**
 * Where the time of one request went.
 *
 * @param queueNanos from arrival to dispatch
 * @param computeNanos from dispatch to result, including the executions of a batch that was split
 * @param batchRequests requests in the execution that gave the result
 * @param batchRows rows in the execution that gave the result
 */
public record BatchTiming(long queueNanos, long computeNanos, int batchRequests, int batchRows) {}
