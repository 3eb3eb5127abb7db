package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.ClosedLoop;
import dev.millrace.benchmarks.load.LoadPlan;
import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.load.OpenLoop;
import dev.millrace.benchmarks.load.ServerProbe;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.scenario.Scenario.Baseline;
import dev.millrace.benchmarks.scenario.Scenario.Load;
import dev.millrace.benchmarks.scenario.Scenario.Loop;
import dev.millrace.benchmarks.server.Contender;
import dev.millrace.benchmarks.workload.MiniLmWorkload;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs scenarios: in every round first the server under test, then its baseline, so that a machine
 * that gets slower meanwhile slows both. Not thread-safe.
 */
public final class ScenarioRunner {
  /** Arrival rate of an open loop, as a share of what the closed loop reached. */
  private static final double OPEN_SHARE = 0.7;

  /** Most connections of an open loop: calls that wait for one count their wait. */
  private static final int OPEN_CONNECTIONS = 64;

  private static final List<Integer> BATCHES = List.of(1, 8, 32);
  private static final Duration SHORTEST_LOOP = Duration.ofSeconds(1);
  private static final String PER_SECOND = "req/s";
  private static final String P99 = "ms p99";

  private final RunOptions options;
  private final Contender server;
  private final @Nullable Baselines baselines;
  private final Consumer<String> progress;

  /**
   * A runner for one server.
   *
   * @param baselines null when the server is somebody else's and is to be measured alone
   * @param progress told in a line what is being done
   */
  public ScenarioRunner(
      RunOptions options,
      Contender server,
      @Nullable Baselines baselines,
      Consumer<String> progress) {
    this.options = options;
    this.server = server;
    this.baselines = baselines;
    this.progress = progress;
  }

  /** Runs all rounds of a scenario; blocks. */
  public Result run(Scenario scenario) throws IOException, InterruptedException {
    boolean open = scenario.load().loop() == Loop.OPEN;
    heat(scenario);
    double rate = open ? calibrate(scenario) * OPEN_SHARE : 0;
    List<Round> rounds = new ArrayList<>();
    for (int number = 1; number <= options.rounds(); number++) {
      Round round = open ? openRound(scenario, rate) : closedRound(scenario);
      rounds.add(round);
      progress.accept(line(scenario, number, round));
    }
    return Result.of(
        scenario.id(), scenario.name(), open ? P99 : PER_SECOND, scenario.target(), rounds);
  }

  private Round closedRound(Scenario scenario) throws IOException, InterruptedException {
    Load load = scenario.load();
    LoadResult measured = closed(server, load);
    if (baselines == null) {
      return closedRound(measured, null, null, null, null);
    }
    if (scenario.baseline() == Baseline.ECHO) {
      LoadResult echo = closed(baselines.echo(load.protocol()), load);
      return closedRound(measured, echo.perSecond(), echoName(load), Side.of(echo), null);
    }
    Map<Integer, Double> bare = bareRates(baselines, ((MiniLmWorkload) load.workload()).tokens());
    var best = bare.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    double left = shareLeftBy(measured);
    String against =
        String.format(
            Locale.ROOT,
            "bare ONNX Runtime at its best batch (%d), less the processors that the client used",
            best.getKey());
    return closedRound(measured, best.getValue() * left, against, null, bare);
  }

  private static Round closedRound(
      LoadResult measured,
      @Nullable Double baseline,
      @Nullable String against,
      @Nullable Side baselineServer,
      @Nullable Map<Integer, Double> bare) {
    return new Round(
        measured.perSecond(),
        baseline,
        against,
        false,
        null,
        Side.of(measured),
        baselineServer,
        bare);
  }

  private Round openRound(Scenario scenario, double rate) throws IOException, InterruptedException {
    Load load = scenario.load();
    LoadResult measured = open(server, load, rate);
    LoadResult echo = baselines == null ? null : open(baselines.echo(load.protocol()), load, rate);
    return new Round(
        p99(measured),
        echo == null ? null : p99(echo),
        echo == null ? null : echoName(load) + " at the same rate",
        !held(measured),
        rate,
        Side.of(measured),
        echo == null ? null : Side.of(echo),
        null);
  }

  /** Measured anew, not taken from another scenario: the server may have been colder then. */
  private double calibrate(Scenario scenario) throws IOException, InterruptedException {
    double rate = closed(server, scenario.load()).perSecond();
    if (rate <= 0) {
      throw new IOException("nothing was answered, so there is no rate to take 70 % of");
    }
    progress.accept(
        String.format(Locale.ROOT, "%s: closed loop %.0f req/s", scenario.name(), rate));
    return rate;
  }

  /** Lets the compilers of both sides do their work before anything is counted. */
  private void heat(Scenario scenario) throws IOException, InterruptedException {
    if (options.heat().isZero()) {
      return;
    }
    Load load = scenario.load();
    heat(server, load);
    if (baselines != null && scenario.baseline() == Baseline.ECHO) {
      heat(baselines.echo(load.protocol()), load);
    }
  }

  private void heat(Contender contender, Load load) throws IOException, InterruptedException {
    var plan = new LoadPlan(load.callers(), Duration.ZERO, options.heat());
    try (Target target = contender.open(load.workload(), load.protocol(), load.callers())) {
      LoadResult heated = ClosedLoop.run(target, plan, ServerProbe.blind());
      if (heated.wrong() > 0) {
        throw new IOException("before the first round: " + heated.firstProblem());
      }
    }
  }

  private LoadResult closed(Contender contender, Load load)
      throws IOException, InterruptedException {
    try (Target target = contender.open(load.workload(), load.protocol(), load.callers())) {
      return ClosedLoop.run(target, options.plan(load.callers()), contender.probe());
    }
  }

  private LoadResult open(Contender contender, Load load, double rate)
      throws IOException, InterruptedException {
    try (Target target = contender.open(load.workload(), load.protocol(), OPEN_CONNECTIONS)) {
      return OpenLoop.run(target, options.plan(OPEN_CONNECTIONS), rate, contender.probe());
    }
  }

  private Map<Integer, Double> bareRates(Baselines started, int tokens) throws IOException {
    Duration each = options.window().dividedBy(BATCHES.size());
    Duration window = each.compareTo(SHORTEST_LOOP) < 0 ? SHORTEST_LOOP : each;
    Map<Integer, Double> rates = new TreeMap<>(Comparator.naturalOrder());
    for (int batch : BATCHES) {
      rates.put(batch, started.onnxRuntime().itemsPerSecond(batch, tokens, window));
    }
    return rates;
  }

  /** The share of this machine that the load client left to the server. */
  private static double shareLeftBy(LoadResult measured) {
    int cores = Runtime.getRuntime().availableProcessors();
    return Math.max(0, cores - measured.clientCores()) / cores;
  }

  private static @Nullable Double p99(LoadResult result) {
    return held(result) && result.answers() > 0 ? result.latencyMillis(99) : null;
  }

  private static boolean held(LoadResult result) {
    var injection = result.injection();
    return injection == null || injection.held();
  }

  private static String echoName(Load load) {
    return load.protocol().http() ? "bare Vert.x echo" : "bare gRPC-Java unary echo";
  }

  private String line(Scenario scenario, int number, Round round) {
    Side side = round.server();
    var text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s %d/%d: %.0f req/s, p50 %.2f ms, p99 %.2f ms, %d errors, %d wrong",
            scenario.name(),
            number,
            options.rounds(),
            side.perSecond(),
            side.p50Millis(),
            side.p99Millis(),
            side.errors(),
            side.wrong()));
    if (round.invalid()) {
      text.append("; void: the client could not hold the rate");
    } else if (round.baseline() != null) {
      text.append(String.format(Locale.ROOT, "; baseline %.2f", round.baseline()));
    }
    return text.toString();
  }
}
