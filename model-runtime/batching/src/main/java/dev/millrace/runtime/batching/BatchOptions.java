package dev.millrace.runtime.batching;

import java.time.Duration;

/**
 * How requests of one model are joined.
 *
 * @param maxBatchRows most rows in one execution, at least 1; a single request with more rows runs
 *     alone
 * @param maxQueue most requests waiting, at least 1; the next one fails at once
 * @param maxQueueBytes most payload bytes waiting, at least 1; one request over it is accepted only
 *     into an empty queue
 * @param maxDelay longest wait for company, counted from the oldest arrival; zero never waits
 * @param instances dispatcher threads, at least 1: how many executions run at once
 */
public record BatchOptions(
    int maxBatchRows, int maxQueue, long maxQueueBytes, Duration maxDelay, int instances) {

  /** One instance, batches of up to 32 rows, 1,000 requests or 256 MiB waiting, no delay. */
  public static final BatchOptions DEFAULT =
      new BatchOptions(32, 1_000, 256L << 20, Duration.ZERO, 1);

  public BatchOptions {
    require(maxBatchRows >= 1, "maxBatchRows", maxBatchRows, "at least 1");
    require(maxQueue >= 1, "maxQueue", maxQueue, "at least 1");
    require(maxQueueBytes >= 1, "maxQueueBytes", maxQueueBytes, "at least 1");
    require(
        !maxDelay.isNegative() && maxDelay.compareTo(Duration.ofMinutes(1)) <= 0,
        "maxDelay",
        maxDelay,
        "between 0 and 1 minute");
    require(instances >= 1 && instances <= 1_024, "instances", instances, "between 1 and 1024");
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: " + expected + ")");
    }
  }
}
