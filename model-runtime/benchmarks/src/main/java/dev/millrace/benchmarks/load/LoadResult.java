package dev.millrace.benchmarks.load;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a loop measured, warm-up excluded.
 *
 * @param window how long was measured
 * @param latencies of right answers, in nanoseconds
 * @param wrong answers that were not the answer to their request, warm-up included
 * @param failed calls without an answer, warm-up included
 * @param firstProblem what the first wrong or failed call said; null when there was none
 * @param usage what the processes used in the window
 * @param injection how well the load was offered; null for a closed loop
 */
public record LoadResult(
    Duration window,
    Histogram latencies,
    long wrong,
    long failed,
    @Nullable String firstProblem,
    Usage usage,
    @Nullable Injection injection) {

  /**
   * What processes used while the window was measured.
   *
   * @param server processor time of the server; empty when it cannot be seen
   * @param client processor time of this process
   * @param residentBytes of the server at the end of the window
   */
  public record Usage(Optional<Duration> server, Duration client, OptionalLong residentBytes) {}

  /**
   * How an open loop offered its load.
   *
   * @param planned arrivals that the schedule asked for in the window
   * @param sent how many of them had left the client when the window ended
   * @param lagP99Nanos how late the client itself was, 99th percentile
   */
  public record Injection(long planned, long sent, long lagP99Nanos) {
    /** The share of planned arrivals that must have left in time for a run to count. */
    static final double REQUIRED_SHARE = 0.99;

    /** Whether the client kept its schedule; if not, the run says nothing about the server. */
    public boolean held() {
      return sent >= planned * REQUIRED_SHARE;
    }
  }

  /** Parts of one measurement that were taken one after the other, as one. */
  public static LoadResult sum(List<LoadResult> parts) {
    LoadResult last = parts.getLast();
    var window = Duration.ZERO;
    var latencies = new Histogram(last.latencies());
    Optional<Duration> server = Optional.of(Duration.ZERO);
    var client = Duration.ZERO;
    long wrong = 0;
    long failed = 0;
    @Nullable String problem = null;
    for (LoadResult part : parts) {
      window = window.plus(part.window());
      latencies.add(part.latencies());
      server = server.flatMap(sum -> part.usage().server().map(sum::plus));
      client = client.plus(part.usage().client());
      wrong += part.wrong();
      failed += part.failed();
      problem = problem == null ? part.firstProblem() : problem;
    }
    return new LoadResult(
        window,
        latencies,
        wrong,
        failed,
        problem,
        new Usage(server, client, last.usage().residentBytes()),
        null);
  }

  /** Right answers in the window. */
  public long answers() {
    return latencies.getTotalCount();
  }

  /** Right answers per second. */
  public double perSecond() {
    return answers() / seconds(window);
  }

  /** A latency percentile in milliseconds; 0 when nothing was answered. */
  public double latencyMillis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** Milliseconds of the server's processor time for each right answer. */
  public OptionalDouble serverCpuMillisPerAnswer() {
    return usage.server().isEmpty() || answers() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(seconds(usage.server().get()) * 1e3 / answers());
  }

  /** How many processors the client kept busy. */
  public double clientCores() {
    return seconds(usage.client()) / seconds(window);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
