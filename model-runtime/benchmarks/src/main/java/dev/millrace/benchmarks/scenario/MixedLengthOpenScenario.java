package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.workload.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sentences of mixed length that arrive at 70 % of what equal-shape mode can serve, on two
 * endpoints of one platform in turn: the tail of the one that pads against that of the one that
 * does not.
 */
record MixedLengthOpenScenario(String name, int callers) implements Scenario {
  private static final String ID = "P8";
  private static final double SHARE = 0.7;
  private static final double P99 = 99;
  private static final double P999 = 99.9;

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String about() {
    return "MiniLM, 5 to 128 tokens, gRPC, arrivals at 70 % of equal-shape mode's closed loop";
  }

  @Override
  public Occasion occasion() {
    return Occasion.FULL;
  }

  @Override
  public List<Result> run(TestBed bed) throws IOException, InterruptedException {
    var padded = new Load(MixedLengthScenario.PADDED, Protocol.GRPC, callers);
    var equal = new Load(MixedLengthScenario.EQUAL, Protocol.GRPC, callers);
    Measure measure = bed.measure();
    measure.warmUp(name, bed.server(), padded);
    measure.warmUp(name + ", " + MixedLengthScenario.EQUAL_SHAPES, bed.server(), equal);
    double rate = measure.closed(bed.server(), equal).perSecond() * SHARE;
    if (rate <= 0) {
      throw new IOException("nothing was answered, so there is no rate to take 70 % of");
    }
    bed.tell(String.format(Locale.ROOT, "%s: %.0f arrivals/s", name, rate));
    List<Round> p99 = new ArrayList<>();
    List<Round> p999 = new ArrayList<>();
    for (int number = 1; number <= bed.options().rounds(); number++) {
      LoadResult server = measure.open(bed.server(), padded, rate);
      LoadResult baseline = measure.open(bed.server(), equal, rate);
      p99.add(round(server, baseline, rate, P99));
      p999.add(round(server, baseline, rate, P999));
      bed.tell(
          Lines.round(name + " " + number + "/" + bed.options().rounds(), p99.get(p99.size() - 1)));
    }
    return List.of(
        Result.of(ID, name, "ms p99", Target.atMost(SHARE, MixedLengthScenario.EQUAL_SHAPES), p99),
        Result.of(
            ID,
            name + " tail",
            "ms p99.9",
            Target.atMost(1, MixedLengthScenario.EQUAL_SHAPES),
            p999));
  }

  private static Round round(LoadResult server, LoadResult baseline, double rate, double percent) {
    return new Round(
        Figures.percentile(server, percent),
        Figures.percentile(baseline, percent),
        "an endpoint of the same platform with padding: never, at the same rate",
        !Figures.held(server),
        rate,
        Side.of(server),
        Side.of(baseline),
        null);
  }
}
