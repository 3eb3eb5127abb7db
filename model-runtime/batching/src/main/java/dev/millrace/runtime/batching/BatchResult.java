package dev.millrace.runtime.batching;

/**
 * What a request got.
 *
 * @param value the executor's result for this request alone
 */
public record BatchResult<R>(R value, BatchTiming timing) {}
