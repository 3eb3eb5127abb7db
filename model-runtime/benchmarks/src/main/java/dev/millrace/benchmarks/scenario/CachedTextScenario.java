package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.TextWorkload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Sentences that are asked for again and again on two endpoints of one platform, in turn: one keeps
 * its answers, the other computes each. The warm-up has seen every sentence, so that what is
 * measured is the cost of a kept answer.
 */
record CachedTextScenario(String name, int callers) implements Scenario {
  private static final String ID = "P5";
  private static final String COMPUTED = "cache off";
  private static final Target TARGET = Target.atLeast(10, COMPUTED);

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String about() {
    return "sentences in, embeddings out, some sentences often, "
        + callers
        + " connections: response cache on against off";
  }

  @Override
  public Occasion occasion() {
    return Occasion.FULL;
  }

  @Override
  public List<Result> run(TestBed bed) throws IOException, InterruptedException {
    var kept = new Load(TextWorkload.cached(), Protocol.HTTP_JSON, callers);
    var computed = new Load(new TextWorkload(), Protocol.HTTP_JSON, callers);
    Measure measure = bed.measure();
    measure.warmUp(name, bed.server(), kept);
    measure.warmUp(name + ", " + COMPUTED, bed.server(), computed);
    List<Round> rounds = new ArrayList<>();
    for (int number = 1; number <= bed.options().rounds(); number++) {
      LoadResult on = measure.closed(bed.server(), kept);
      LoadResult off = measure.closed(bed.server(), computed);
      rounds.add(
          new Round(
              on.perSecond(),
              off.perSecond(),
              "an endpoint of the same platform without a cache",
              false,
              null,
              Side.of(on),
              Side.of(off),
              null));
      bed.tell(Lines.round(name + " " + number + "/" + bed.options().rounds(), rounds.getLast()));
    }
    return List.of(Result.of(ID, name, "req/s", TARGET, rounds));
  }
}
