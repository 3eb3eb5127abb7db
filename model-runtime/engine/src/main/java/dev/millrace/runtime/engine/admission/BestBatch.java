package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Profile.Latency;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The knee of the throughput curve. Pure. */
final class BestBatch {
  /** Beyond the knee a bigger batch only makes everybody wait. */
  private static final double ENOUGH = 0.95;

  private BestBatch() {}

  /**
   * The smallest batch that reaches 95 % of the best rows per second, at the length with the most
   * cells (of equals, the longest); 1 without cells.
   */
  static int of(List<Latency> cells) {
    Map<Integer, List<Latency>> byLength =
        cells.stream().collect(Collectors.groupingBy(Latency::length));
    return byLength.entrySet().stream()
        .max(
            Comparator.comparingInt((Map.Entry<Integer, List<Latency>> it) -> it.getValue().size())
                .thenComparingInt(Map.Entry::getKey))
        .map(it -> knee(it.getValue()))
        .orElse(1);
  }

  private static int knee(List<Latency> curve) {
    double best = curve.stream().mapToDouble(BestBatch::rate).max().orElse(0);
    return curve.stream()
        .filter(cell -> rate(cell) >= ENOUGH * best)
        .mapToInt(Latency::batch)
        .min()
        .orElse(1);
  }

  private static double rate(Latency cell) {
    return cell.batch() / (double) cell.p50Micros();
  }
}
