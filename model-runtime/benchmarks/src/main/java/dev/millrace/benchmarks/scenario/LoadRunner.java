package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.scenario.LoadScenario.Baseline;
import dev.millrace.benchmarks.scenario.LoadScenario.Loop;
import dev.millrace.benchmarks.server.Contender;
import dev.millrace.benchmarks.workload.MiniLmWorkload;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.TextWorkload;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs load scenarios: in every round first the server under test, then its baseline, so that a
 * machine that gets slower meanwhile slows both. Not thread-safe.
 */
final class LoadRunner {
  /** Arrival rate of an open loop, as a share of what the closed loop reached. */
  private static final double OPEN_SHARE = 0.7;

  private static final List<Integer> BATCHES = List.of(1, 8, 32);
  private static final Duration SHORTEST_LOOP = Duration.ofSeconds(1);
  private static final String PER_SECOND = "req/s";
  private static final String P99 = "ms p99";
  private static final double P99_PERCENT = 99;

  private final TestBed bed;
  private final Measure measure;

  LoadRunner(TestBed bed) {
    this.bed = bed;
    this.measure = bed.measure();
  }

  /** Runs all rounds of a scenario; blocks. */
  Result run(LoadScenario scenario) throws IOException, InterruptedException {
    boolean open = scenario.loop() == Loop.OPEN;
    warmUp(scenario);
    double rate = open ? calibrate(scenario) * OPEN_SHARE : 0;
    List<Round> rounds = new ArrayList<>();
    for (int number = 1; number <= bed.options().rounds(); number++) {
      Round round = open ? openRound(scenario, rate) : closedRound(scenario);
      rounds.add(round);
      bed.tell(Lines.round(scenario.name() + " " + number + "/" + bed.options().rounds(), round));
    }
    return Result.of(
        scenario.id(), scenario.name(), open ? P99 : PER_SECOND, scenario.target(), rounds);
  }

  /** Lets the compilers of both sides do their work before anything is counted. */
  private void warmUp(LoadScenario scenario) throws IOException, InterruptedException {
    measure.warmUp(scenario.name(), bed.server(), scenario.load());
    if (!bed.isRemote() && scenario.baseline() != Baseline.BARE_ONNX_RUNTIME) {
      measure.warmUp(scenario.name() + ", baseline", rival(scenario).server(), scenario.load());
    }
  }

  private Round closedRound(LoadScenario scenario) throws IOException, InterruptedException {
    Load load = scenario.load();
    LoadResult measured = measure.closed(bed.server(), load);
    if (bed.isRemote()) {
      return closedRound(measured, null, null, null, null);
    }
    if (scenario.baseline() != Baseline.BARE_ONNX_RUNTIME) {
      Rival rival = rival(scenario);
      LoadResult other = measure.closed(rival.server(), load);
      return closedRound(measured, other.perSecond(), rival.name(), Side.of(other), null);
    }
    Map<Integer, Double> bare = bareRates(tokens(load));
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

  private Round openRound(LoadScenario scenario, double rate)
      throws IOException, InterruptedException {
    Load load = scenario.load();
    LoadResult measured = measure.open(bed.server(), load, rate);
    Rival rival = bed.isRemote() ? null : rival(scenario);
    LoadResult other = rival == null ? null : measure.open(rival.server(), load, rate);
    return new Round(
        Figures.percentile(measured, P99_PERCENT),
        other == null ? null : Figures.percentile(other, P99_PERCENT),
        rival == null ? null : rival.name() + " at the same rate",
        !Figures.held(measured),
        rate,
        Side.of(measured),
        other == null ? null : Side.of(other),
        null);
  }

  /** Measured anew, not taken from another scenario: the server may have been colder then. */
  private double calibrate(LoadScenario scenario) throws IOException, InterruptedException {
    double rate = measure.closed(bed.server(), scenario.load()).perSecond();
    if (rate <= 0) {
      throw new IOException("nothing was answered, so there is no rate to take 70 % of");
    }
    bed.tell(String.format(Locale.ROOT, "%s: closed loop %.0f req/s", scenario.name(), rate));
    return rate;
  }

  /** How long the sentences are that the bare loop computes. */
  private static int tokens(Load load) {
    return load.workload() instanceof MiniLmWorkload uniform
        ? uniform.tokens()
        : TextWorkload.TYPICAL_TOKENS;
  }

  private Map<Integer, Double> bareRates(int tokens) throws IOException {
    Duration each = bed.options().window().dividedBy(BATCHES.size());
    Duration window = each.compareTo(SHORTEST_LOOP) < 0 ? SHORTEST_LOOP : each;
    Map<Integer, Double> rates = new TreeMap<>(Comparator.naturalOrder());
    for (int batch : BATCHES) {
      rates.put(batch, bed.baselines().onnxRuntime().itemsPerSecond(batch, tokens, window));
    }
    return rates;
  }

  /** The share of this machine that the load client left to the server. */
  private static double shareLeftBy(LoadResult measured) {
    int cores = Runtime.getRuntime().availableProcessors();
    return Math.max(0, cores - measured.clientCores()) / cores;
  }

  private Rival rival(LoadScenario scenario) throws IOException {
    Protocol protocol = scenario.load().protocol();
    if (scenario.baseline() == Baseline.SINK) {
      return new Rival(bed.baselines().sink(), "bare Vert.x server that reads and counts");
    }
    if (scenario.baseline() == Baseline.JACKSON) {
      return new Rival(
          bed.baselines().jackson(), "bare Vert.x server where Jackson parses the numbers");
    }
    return new Rival(
        bed.baselines().echo(protocol),
        protocol.http() ? "bare Vert.x echo" : "bare gRPC-Java unary echo");
  }

  /** A baseline that is a server. */
  private record Rival(Contender server, String name) {}
}
