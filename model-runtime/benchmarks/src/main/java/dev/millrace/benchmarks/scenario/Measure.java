package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.ClosedLoop;
import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.load.OpenLoop;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.load.WarmUp;
import dev.millrace.benchmarks.server.Contender;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** One server under one load, warmed up and measured as the options say. */
final class Measure {
  /** Most connections of an open loop: calls that wait for one count their wait. */
  private static final int OPEN_CONNECTIONS = 64;

  private final RunOptions options;
  private final Consumer<String> progress;

  Measure(RunOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
  }

  /**
   * Loads a server until its throughput has settled; nothing of it is counted.
   *
   * @param who for the progress
   */
  void warmUp(String who, Contender contender, Load load) throws IOException, InterruptedException {
    if (options.warmUp().longest().isZero()) {
      return;
    }
    WarmUp.Outcome outcome;
    try (Target target = contender.open(load.workload(), load.protocol(), load.callers())) {
      outcome = options.warmUp().run(target, load.callers());
    }
    String rates =
        outcome.rates().stream()
            .map(rate -> String.format(Locale.ROOT, "%.0f", rate))
            .collect(Collectors.joining(" "));
    progress.accept(
        who
            + (outcome.settled() ? ": warmed up, req/s " : ": warmed up as long as allowed, req/s ")
            + rates);
  }

  LoadResult closed(Contender contender, Load load) throws IOException, InterruptedException {
    return closed(contender, load, UnaryOperator.identity());
  }

  /** A closed loop through something that watches it; what is returned is closed. */
  LoadResult closed(Contender contender, Load load, UnaryOperator<Target> watch)
      throws IOException, InterruptedException {
    try (Target target =
        watch.apply(contender.open(load.workload(), load.protocol(), load.callers()))) {
      return ClosedLoop.run(target, options.plan(load.callers()), contender.probe());
    }
  }

  LoadResult open(Contender contender, Load load, double rate)
      throws IOException, InterruptedException {
    try (Target target = contender.open(load.workload(), load.protocol(), OPEN_CONNECTIONS)) {
      return OpenLoop.run(target, options.plan(OPEN_CONNECTIONS), rate, contender.probe());
    }
  }
}
