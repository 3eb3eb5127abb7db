package dev.millrace.runtime.server.config;

import static dev.millrace.runtime.server.config.Expectations.expect;

import java.time.Duration;

/**
 * How one replica batches.
 *
 * @param maxBatch most rows in one execution, at least 1
 * @param maxQueue most requests waiting, at least 1
 * @param maxDelay longest wait for company, not negative
 */
public record BatchingOptions(int maxBatch, int maxQueue, Duration maxDelay) {
  public BatchingOptions {
    expect(maxBatch >= 1, "batching.max-batch", maxBatch, "at least 1 row");
    expect(maxQueue >= 1, "batching.max-queue", maxQueue, "at least 1 request");
    expect(!maxDelay.isNegative(), "batching.max-delay", maxDelay, "zero or more");
  }
}
