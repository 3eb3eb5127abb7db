package dev.millrace.runtime.batching;

import java.time.Duration;
import java.util.List;

/**
 * Measured execution times. In as the seed of a scheduler, out as what it has learned.
 *
 * @param points in any order; several for the same rows and length count as several measurements
 */
public record LatencyProfile(List<Point> points) {
  /** Nothing measured yet. */
  public static final LatencyProfile UNKNOWN = new LatencyProfile(List.of());

  public LatencyProfile {
    points = List.copyOf(points);
  }

  /**
   * One measurement.
   *
   * @param rows rows of the batch, at least 1
   * @param length what every row was padded to; 0 for a model without a free length
   * @param latency of the execution, more than 0
   */
  public record Point(int rows, int length, Duration latency) {
    public Point {
      Expectations.expect(rows >= 1, "rows", rows, "at least 1");
      Expectations.expect(length >= 0, "length", length, "not negative");
      Expectations.expect(latency.toNanos() > 0, "latency", latency, "more than 0");
    }
  }
}
