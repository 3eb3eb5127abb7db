package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.load.Spotlight;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.workload.MixedLengthWorkload;
import dev.millrace.benchmarks.workload.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Sentences of mixed length on two endpoints of one platform, in turn: one batches near lengths
 * with padding, one only equal shapes. Throughput of all, and the p99 of the longest tenth, which
 * must not pay for it.
 */
record MixedLengthScenario(String name, int callers) implements Scenario {
  static final String EQUAL_SHAPES = "equal-shape mode";
  static final MixedLengthWorkload PADDED = new MixedLengthWorkload("auto");
  static final MixedLengthWorkload EQUAL = new MixedLengthWorkload("never");

  private static final String ID = "P4";
  private static final double P99 = 99;
  private static final double NANOS_A_MILLI = 1e6;
  private static final Target THROUGHPUT = Target.atLeast(1.5, EQUAL_SHAPES);
  private static final Target LONGEST = Target.atMost(1, EQUAL_SHAPES);

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String about() {
    return "MiniLM, 5 to 128 tokens, gRPC, "
        + callers
        + " callers: padding against equal shapes only, and the longest tenth's p99";
  }

  @Override
  public Occasion occasion() {
    return Occasion.FULL;
  }

  @Override
  public boolean remote() {
    return true;
  }

  @Override
  public List<Result> run(TestBed bed) throws IOException, InterruptedException {
    var padded = new Load(PADDED, Protocol.GRPC, callers);
    var equal = new Load(EQUAL, Protocol.GRPC, callers);
    Measure measure = bed.measure();
    measure.warmUp(name, bed.server(), padded);
    if (!bed.isRemote()) {
      measure.warmUp(name + ", " + EQUAL_SHAPES, bed.server(), equal);
    }
    List<Round> all = new ArrayList<>();
    List<Round> longest = new ArrayList<>();
    for (int number = 1; number <= bed.options().rounds(); number++) {
      Turn server = turn(bed, measure, padded);
      Turn baseline = bed.isRemote() ? null : turn(bed, measure, equal);
      all.add(round(server, baseline, Turn::perSecond));
      longest.add(round(server, baseline, Turn::longestP99));
      bed.tell(
          Lines.round(name + " " + number + "/" + bed.options().rounds(), all.get(all.size() - 1)));
    }
    return List.of(
        Result.of(ID, name, "req/s", THROUGHPUT, all),
        Result.of(ID, name + " longest", "ms p99", LONGEST, longest));
  }

  private static Turn turn(TestBed bed, Measure measure, Load load)
      throws IOException, InterruptedException {
    var watched = new ArrayList<Spotlight>();
    LoadResult result =
        measure.closed(
            bed.server(),
            load,
            target -> {
              var spotlight = new Spotlight(target, PADDED.longest());
              watched.add(spotlight);
              return spotlight;
            });
    return new Turn(result, watched.get(0).latencies());
  }

  private static Round round(Turn server, @Nullable Turn baseline, ToDoubleFunction<Turn> figure) {
    return new Round(
        figure.applyAsDouble(server),
        baseline == null ? null : figure.applyAsDouble(baseline),
        baseline == null ? null : "an endpoint of the same platform with padding: never",
        false,
        null,
        Side.of(server.all()),
        baseline == null ? null : Side.of(baseline.all()),
        null);
  }

  /** What one endpoint did in one turn. */
  private record Turn(LoadResult all, Histogram longest) {
    double perSecond() {
      return all.perSecond();
    }

    double longestP99() {
      return longest.getValueAtPercentile(P99) / NANOS_A_MILLI;
    }
  }
}
