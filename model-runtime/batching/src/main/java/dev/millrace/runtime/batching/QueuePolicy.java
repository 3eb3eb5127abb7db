package dev.millrace.runtime.batching;

import static dev.millrace.runtime.batching.Expectations.expect;

import java.time.Duration;

/**
 * What may wait, and in which order it is served. The names follow Triton's queue policy ({@code
 * max_queue_size}, {@code priority_levels}, {@code timeout_action}, {@code preserve_ordering}).
 *
 * @param maxRequests most requests waiting, at least 1; the next one fails at once, or takes the
 *     place of a less important one
 * @param maxBytes most payload bytes waiting, at least 1; one request over it is accepted only into
 *     an empty queue
 * @param priorityLevels how many levels requests are sorted into, 1 to 64; level 1 goes first
 * @param ageing how long a request of level {@code n} waits at most, times {@code n - 1}, until it
 *     is served beside the more important ones; also how long a later request with an earlier
 *     deadline may overtake an earlier one
 * @param timeoutAction what happens to a request that waits longer than its queue timeout
 * @param ordering whether results keep the order of arrival
 */
public record QueuePolicy(
    int maxRequests,
    long maxBytes,
    int priorityLevels,
    Duration ageing,
    TimeoutAction timeoutAction,
    Ordering ordering) {

  /** What happens to a request that waits longer than its queue timeout. */
  public enum TimeoutAction {
    /** It fails at once. */
    REJECT,
    /** It goes behind all others and may run until its deadline. */
    DELAY
  }

  /** Whether results keep the order of arrival. */
  public enum Ordering {
    /** The most urgent first; a result goes out when it is there. */
    BY_URGENCY,
    /**
     * Requests run and results go out in the order of arrival; priorities and projects do not
     * count. Failures, cancellations and expiries are told at once.
     */
    BY_ARRIVAL
  }

  /** 1,000 requests or 256 MiB waiting, one level, late ones rejected, the most urgent first. */
  public static final QueuePolicy DEFAULT =
      new QueuePolicy(
          1_000, 256L << 20, 1, Duration.ofSeconds(1), TimeoutAction.REJECT, Ordering.BY_URGENCY);

  public QueuePolicy {
    expect(maxRequests >= 1, "maxRequests", maxRequests, "at least 1");
    expect(maxBytes >= 1, "maxBytes", maxBytes, "at least 1");
    expect(
        priorityLevels >= 1 && priorityLevels <= 64,
        "priorityLevels",
        priorityLevels,
        "between 1 and 64");
    expect(
        ageing.toNanos() >= 1 && ageing.compareTo(Duration.ofHours(1)) <= 0,
        "ageing",
        ageing,
        "more than 0, at most 1 hour");
  }

  boolean byArrival() {
    return ordering == Ordering.BY_ARRIVAL;
  }
}
