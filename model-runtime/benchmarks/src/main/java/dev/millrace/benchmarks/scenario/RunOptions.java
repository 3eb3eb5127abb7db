package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadPlan;
import java.time.Duration;

/**
 * How long and how often to measure.
 *
 * @param window counted time of one measurement; at least a second
 * @param warmUp time before it that is not counted
 * @param rounds turns of each side; at least 1
 * @param heat load on each side before a scenario's first round, not counted; a JVM needs some ten
 *     seconds until its code is compiled. Zero for none
 */
public record RunOptions(Duration window, Duration warmUp, int rounds, Duration heat) {
  private static final int QUICK_SECONDS = 3;
  private static final int FULL_SECONDS = 10;
  private static final int FULL_ROUNDS = 3;
  private static final Duration HEAT = Duration.ofSeconds(15);

  /** Checks the bounds. */
  public RunOptions {
    if (window.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException(
          "seconds: " + window.toSeconds() + " (expected: 1 or more)");
    }
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds: " + rounds + " (expected: 1 or more)");
    }
  }

  /** Three seconds, two of warm-up, one round: do the scenarios run, and roughly how fast? */
  public static RunOptions quick() {
    return new RunOptions(
        Duration.ofSeconds(QUICK_SECONDS), Duration.ofSeconds(2), 1, Duration.ZERO);
  }

  /** Ten seconds, five of warm-up, three rounds, heated: figures that can be quoted. */
  public static RunOptions full() {
    return new RunOptions(
        Duration.ofSeconds(FULL_SECONDS), Duration.ofSeconds(5), FULL_ROUNDS, HEAT);
  }

  /** Other seconds; a warm-up is never longer than what it warms up for. */
  public RunOptions withSeconds(int seconds) {
    var counted = Duration.ofSeconds(seconds);
    return new RunOptions(counted, counted.compareTo(warmUp) < 0 ? counted : warmUp, rounds, heat);
  }

  /** Another number of rounds. */
  public RunOptions withRounds(int number) {
    return new RunOptions(window, warmUp, number, heat);
  }

  LoadPlan plan(int lanes) {
    return new LoadPlan(lanes, warmUp, window);
  }
}
