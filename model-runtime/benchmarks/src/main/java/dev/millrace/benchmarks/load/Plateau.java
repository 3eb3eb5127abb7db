package dev.millrace.benchmarks.load;

/**
 * Whether a series of rates has stopped rising: the last three lie within 5 % of each other. Rising
 * means that compilers are still at work; falling or jumping, that something else is. Not
 * thread-safe.
 */
final class Plateau {
  private static final int WINDOWS = 3;
  private static final double TOLERANCE = 0.05;

  private final double[] last = new double[WINDOWS];
  private int seen;

  /** Takes the next rate in; whether the plateau is reached with it. */
  boolean add(double rate) {
    last[seen % WINDOWS] = rate;
    seen++;
    return seen >= WINDOWS && spread() <= TOLERANCE;
  }

  private double spread() {
    double least = Double.MAX_VALUE;
    double most = 0;
    for (double rate : last) {
      least = Math.min(least, rate);
      most = Math.max(most, rate);
    }
    return most == 0 ? Double.MAX_VALUE : (most - least) / most;
  }
}
