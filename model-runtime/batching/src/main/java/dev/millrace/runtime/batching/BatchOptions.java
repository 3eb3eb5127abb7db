package dev.millrace.runtime.batching;

import static dev.millrace.runtime.batching.Expectations.expect;

import java.time.Duration;

/**
 * How requests of one model are joined.
 *
 * @param maxBatchRows most rows in one execution, at least 1; a single request with more rows runs
 *     alone. An upper bound: the scheduler builds smaller batches where bigger ones do not pay
 * @param maxDelay longest wait for company, counted from the oldest arrival; zero never waits
 * @param instances dispatcher threads, at least 1: how many executions run at once
 * @param queue what may wait, and in which order it is served
 * @param sizing how the size of a batch is chosen
 */
public record BatchOptions(
    int maxBatchRows, Duration maxDelay, int instances, QueuePolicy queue, SizePolicy sizing) {

  /** One instance, batches of up to 32 rows, no delay, the other defaults. */
  public static final BatchOptions DEFAULT =
      new BatchOptions(32, Duration.ZERO, 1, QueuePolicy.DEFAULT, SizePolicy.DEFAULT);

  public BatchOptions {
    expect(maxBatchRows >= 1, "maxBatchRows", maxBatchRows, "at least 1");
    expect(
        !maxDelay.isNegative() && maxDelay.compareTo(Duration.ofMinutes(1)) <= 0,
        "maxDelay",
        maxDelay,
        "between 0 and 1 minute");
    expect(instances >= 1 && instances <= 1_024, "instances", instances, "between 1 and 1024");
  }
}
