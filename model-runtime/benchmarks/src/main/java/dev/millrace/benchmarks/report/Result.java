package dev.millrace.benchmarks.report;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one scenario measured: medians over its rounds.
 *
 * @param id the target's number in the list of targets
 * @param name the scenario
 * @param value median over the rounds; null when every round is void or the scenario failed
 * @param unit of value and baseline
 * @param baseline median over the rounds; null when there is none
 * @param ratio median of the rounds' ratios; null when there is none
 * @param target what the ratio or the value should be; null when there is no local one
 * @param met whether it is; null when that cannot be said
 * @param rounds what each round measured, in order
 */
public record Result(
    String id,
    String name,
    @Nullable Double value,
    String unit,
    @Nullable Double baseline,
    @Nullable Double ratio,
    @Nullable String target,
    @Nullable Boolean met,
    List<Round> rounds) {

  /** Sums up the rounds of one scenario. */
  public static Result of(
      String id, String name, String unit, @Nullable Target target, List<Round> rounds) {
    Double value = median(rounds, Round::value);
    Double ratio = median(rounds, Round::ratio);
    return new Result(
        id,
        name,
        value,
        unit,
        median(rounds, Round::baseline),
        ratio,
        target == null ? null : target.toString(),
        target == null ? null : target.met(value, ratio),
        List.copyOf(rounds));
  }

  /** Whether the numbers can be believed: at least one round, and no wrong answer in any. */
  public boolean sane() {
    return !rounds.isEmpty() && rounds.stream().allMatch(Result::sane);
  }

  private static boolean sane(Round round) {
    var baseline = round.baselineServer();
    return round.server().sane() && (baseline == null || baseline.sane());
  }

  /** The middle of what the rounds say, or the mean of the two middle ones; null of nothing. */
  static @Nullable Double median(List<Round> rounds, Function<Round, @Nullable Double> figure) {
    double[] sorted =
        rounds.stream()
            .map(figure)
            .filter(Objects::nonNull)
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return null;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
  }
}
