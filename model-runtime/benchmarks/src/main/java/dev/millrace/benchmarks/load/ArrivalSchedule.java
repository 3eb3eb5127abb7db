package dev.millrace.benchmarks.load;

/**
 * When calls are meant to start: evenly, at a fixed rate, whatever the server does. A call's
 * latency counts from here, so that the wait of calls that a stall held back is not left out
 * ("coordinated omission").
 *
 * @param startNanos intended start of call 0, on the clock of the loop
 * @param ratePerSecond positive
 */
record ArrivalSchedule(long startNanos, double ratePerSecond) {
  private static final double NANOS = 1e9;

  ArrivalSchedule {
    if (!(ratePerSecond > 0)) {
      throw new IllegalArgumentException("rate: " + ratePerSecond + " (expected: positive)");
    }
  }

  /**
   * The intended start of call {@code n}; computed from the start, so that errors do not add up.
   */
  long intended(long n) {
    return startNanos + (long) (n * NANOS / ratePerSecond);
  }

  /** How many calls were meant to start before {@code nanos}. */
  long before(long nanos) {
    return nanos <= startNanos ? 0 : (long) Math.ceil((nanos - startNanos) * ratePerSecond / NANOS);
  }
}
