package dev.millrace.runtime.engine.admission;

/**
 * What one row takes, as its first runs have shown. Pure.
 *
 * @param inputBytes of its inputs
 * @param outputBytes of its outputs
 * @param makeNanos to make its inputs
 * @param runNanos to run it alone, without copying what comes out
 */
record Cost(long inputBytes, long outputBytes, long makeNanos, long runNanos) {
  /** Nothing was run. */
  static final Cost NONE = new Cost(0, 0, 0, 0);

  /** Copying and comparing, in nanoseconds a byte, on a slow machine. */
  private static final double PER_BYTE = 2;

  /** Inputs and outputs of so many rows at once. */
  long bytes(long rows) {
    return rows * (inputBytes + outputBytes);
  }

  /** Nanoseconds to make inputs so many times and to run, copy and compare so many rows. */
  double nanos(int made, int runs) {
    return made * (double) makeNanos
        + runs * (runNanos + PER_BYTE * (inputBytes + (double) outputBytes));
  }
}
