package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadPlan;
import dev.millrace.benchmarks.load.WarmUp;
import java.time.Duration;

/**
 * How long and how often to measure.
 *
 * @param window counted time of one measurement; at least a second
 * @param lead time before each window that is not counted: new connections, other caches
 * @param rounds turns of each side; at least 1
 * @param warmUp of each side before a scenario's first round
 */
public record RunOptions(Duration window, Duration lead, int rounds, WarmUp warmUp) {
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Checks the bounds. */
  public RunOptions {
    if (window.compareTo(SECOND) < 0) {
      throw new IllegalArgumentException(
          "seconds: " + window.toSeconds() + " (expected: 1 or more)");
    }
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds: " + rounds + " (expected: 1 or more)");
    }
  }

  /** One round of three seconds, warmed up for ten at most: does it run, and roughly how fast? */
  public static RunOptions quick() {
    return new RunOptions(
        Duration.ofSeconds(3), SECOND, 1, new WarmUp(SECOND, Duration.ofSeconds(10)));
  }

  /** Three rounds of ten seconds, warmed up for up to a minute: figures that can be quoted. */
  public static RunOptions full() {
    return new RunOptions(
        Duration.ofSeconds(10),
        Duration.ofSeconds(2),
        3,
        new WarmUp(Duration.ofSeconds(3), Duration.ofMinutes(1)));
  }

  /** Another window; what is not counted stays as it is. */
  public RunOptions withSeconds(int seconds) {
    return new RunOptions(Duration.ofSeconds(seconds), lead, rounds, warmUp);
  }

  /** Another number of rounds. */
  public RunOptions withRounds(int number) {
    return new RunOptions(window, lead, number, warmUp);
  }

  /** Another bound of the warm-up; 0 for none. */
  public RunOptions withWarmUpSeconds(int seconds) {
    return new RunOptions(
        window, lead, rounds, new WarmUp(warmUp.step(), Duration.ofSeconds(seconds)));
  }

  /** The same, with each window cut into so many parts of a second at least. */
  RunOptions sliced(int parts) {
    Duration part = window.dividedBy(parts);
    return new RunOptions(
        part.compareTo(SECOND) < 0 ? SECOND : part, lead.dividedBy(parts), rounds, warmUp);
  }

  LoadPlan plan(int lanes) {
    return new LoadPlan(lanes, lead, window);
  }
}
