package dev.millrace.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Closed-loop load that is not counted, for as long as throughput still changes: a JVM that starts
 * cold answers ten times more slowly in its first seconds than in its tenth.
 *
 * @param step length of the windows that are compared; positive
 * @param longest when to go on although throughput never settled; zero for no warm-up at all
 */
public record WarmUp(Duration step, Duration longest) {
  /** Checks the bounds. */
  public WarmUp {
    if (step.isNegative() || step.isZero()) {
      throw new IllegalArgumentException("step: " + step + " (expected: positive)");
    }
    if (longest.isNegative()) {
      throw new IllegalArgumentException("longest: " + longest + " (expected: not negative)");
    }
  }

  /**
   * How a warm-up went.
   *
   * @param rates answers per second of each window, in order
   * @param settled whether the last three were within 5 % of each other
   */
  public record Outcome(List<Double> rates, boolean settled) {
    /** Copies the list. */
    public Outcome {
      rates = List.copyOf(rates);
    }
  }

  /**
   * Warms a target up; blocks.
   *
   * @throws IOException when it answers wrongly or with nothing but errors
   */
  public Outcome run(Target target, int lanes) throws IOException, InterruptedException {
    List<Double> rates = new ArrayList<>();
    var plateau = new Plateau();
    boolean settled = false;
    for (var spent = Duration.ZERO;
        !settled && spent.compareTo(longest) < 0;
        spent = spent.plus(step)) {
      var window = new LoadPlan(lanes, Duration.ZERO, step);
      LoadResult result = ClosedLoop.run(target, window, ServerProbe.blind());
      // Nothing answered and nothing failed: the first calls of a cold server on a busy machine.
      if (result.wrong() > 0 || (result.answers() == 0 && result.firstProblem() != null)) {
        throw new IOException("while warming up: " + result.firstProblem());
      }
      rates.add(result.perSecond());
      settled = plateau.add(result.perSecond());
    }
    return new Outcome(rates, settled);
  }
}
