package dev.millrace.benchmarks.vitals;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Whether one quantity of a process rose over a run.
 *
 * @param name what it is
 * @param unit of first, last and allowed
 * @param first at the beginning of the part that counts
 * @param last at its end
 * @param perHour the line through the part that counts, in units an hour
 * @param perHourError its standard error
 * @param perCycle the same line over cycles, in units a load-and-unload
 * @param allowed what it may rise by over the part that counts
 * @param leaks whether it surely rises by more
 */
public record Growth(
    String name,
    String unit,
    double first,
    double last,
    double perHour,
    double perHourError,
    double perCycle,
    double allowed,
    boolean leaks) {
  /**
   * The first part of a run does not count: compilers, pools and caches fill. Nor does a heap
   * settle before it was collected a few times.
   */
  private static final double WARM_UP_SHARE = 0.3;

  private static final int LEAST_LOOKS = 4;
  private static final double MIB = 1 << 20;
  private static final double MINUTES = 60;

  /** What may grow by how much: whichever is more, a share of the beginning or an amount. */
  private record Bound(
      String name,
      String unit,
      double divisor,
      ToDoubleFunction<Vitals> of,
      double share,
      double more) {}

  /**
   * Bounds that a shared machine's noise does not reach. One session that is never closed holds a
   * thread or a few hundred KiB, so that some hundred cycles of such a leak do.
   */
  private static final List<Bound> BOUNDS =
      List.of(
          new Bound("heap after collection", "MiB", MIB, Vitals::heapBytes, 0.1, 16),
          new Bound("resident memory", "MiB", MIB, Vitals::residentBytes, 0.1, 64),
          new Bound("direct memory", "MiB", MIB, Vitals::directBytes, 0.1, 16),
          new Bound("buffers in use", "MiB", MIB, Vitals::pinnedBytes, 0, 4),
          new Bound("open files", "files", 1, Vitals::files, 0, 20),
          new Bound("threads", "threads", 1, Vitals::threads, 0, 10));

  /**
   * Every quantity of a run, in a fixed order.
   *
   * @param looks in order; at least six
   */
  public static List<Growth> of(List<Vitals> looks) {
    int skipped = (int) Math.ceil(looks.size() * WARM_UP_SHARE);
    List<Vitals> counted = looks.subList(skipped, looks.size());
    if (counted.size() < LEAST_LOOKS) {
      throw new IllegalArgumentException(
          "looks: " + looks.size() + " (expected: enough that four count)");
    }
    return BOUNDS.stream().map(bound -> of(bound, counted)).toList();
  }

  private static Growth of(Bound bound, List<Vitals> counted) {
    double[] values =
        counted.stream()
            .mapToDouble(look -> bound.of().applyAsDouble(look) / bound.divisor())
            .toArray();
    double[] minutes = counted.stream().mapToDouble(Vitals::minutes).toArray();
    double[] cycles = counted.stream().mapToDouble(Vitals::cycles).toArray();
    Trend trend = Trend.of(minutes, values);
    double allowed = Math.max(bound.share() * values[0], bound.more());
    return new Growth(
        bound.name(),
        bound.unit(),
        values[0],
        values[values.length - 1],
        trend.slope() * MINUTES,
        trend.error() * MINUTES,
        cycles[0] == cycles[cycles.length - 1] ? 0 : Trend.of(cycles, values).slope(),
        allowed,
        trend.surely(minutes[minutes.length - 1] - minutes[0]) > allowed);
  }
}
