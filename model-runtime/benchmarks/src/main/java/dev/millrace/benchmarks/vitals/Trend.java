package dev.millrace.benchmarks.vitals;

/**
 * The straight line of least squares through a series.
 *
 * @param slope change of the quantity for each unit of the other
 * @param error standard error of the slope: about two thirds of such measurements lie within one of
 *     it, nineteen of twenty within two
 */
public record Trend(double slope, double error) {
  private static final int LEAST = 3;

  /**
   * Fits a line.
   *
   * @param x at least three, not all the same
   * @param y as many
   */
  public static Trend of(double[] x, double[] y) {
    if (x.length < LEAST || x.length != y.length) {
      throw new IllegalArgumentException(
          "points: " + x.length + " and " + y.length + " (expected: the same number, 3 or more)");
    }
    double meanX = mean(x);
    double meanY = mean(y);
    double squares = 0;
    double products = 0;
    for (int i = 0; i < x.length; i++) {
      squares += (x[i] - meanX) * (x[i] - meanX);
      products += (x[i] - meanX) * (y[i] - meanY);
    }
    double slope = products / squares;
    double residuals = 0;
    for (int i = 0; i < x.length; i++) {
      double off = y[i] - meanY - slope * (x[i] - meanX);
      residuals += off * off;
    }
    return new Trend(slope, Math.sqrt(residuals / (x.length - 2) / squares));
  }

  /** What the quantity surely rises by over a span: the line, less twice its error. */
  double surely(double span) {
    return (slope - 2 * error) * span;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
