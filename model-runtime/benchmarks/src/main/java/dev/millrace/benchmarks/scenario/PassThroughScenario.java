package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.passthrough.OpaqueWorkload;
import dev.millrace.benchmarks.passthrough.PassThroughCheck;
import dev.millrace.benchmarks.passthrough.PassThroughSetup;
import dev.millrace.benchmarks.passthrough.ProxyKind;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.workload.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Ways to pass gRPC through a proxy, in turn, in front of the same echo: first that each passes
 * everything on, then how fast. Every figure stands beside that of the way without a proxy.
 *
 * @param name as typed
 * @param bytes length of a message
 * @param callers calls in flight
 */
record PassThroughScenario(String name, int bytes, int callers) implements Scenario {
  private static final int LARGEST_MESSAGE = 30 << 20;

  /** Where small messages are measured, less is enough: one way needs half a minute for 30 MiB. */
  private static final int LARGER_THAN_WINDOWS = 4 << 20;

  private static final int SMALL = 64 << 10;

  @Override
  public String id() {
    return "ADR2";
  }

  @Override
  public String about() {
    return "three ways to pass gRPC through a proxy, messages of "
        + bytes
        + " bytes, "
        + callers
        + " in flight (docs/adr/0002)";
  }

  @Override
  public Occasion occasion() {
    return Occasion.NAMED;
  }

  @Override
  public List<Result> run(TestBed bed) throws IOException, InterruptedException {
    PassThroughSetup setup = bed.baselines().passThrough();
    check(bed, setup);
    var load = new Load(new OpaqueWorkload(bytes), Protocol.GRPC, callers);
    Measure measure = bed.measure();
    for (ProxyKind kind : ProxyKind.values()) {
      measure.warmUp(name + ", " + kind.word(), setup.through(kind), load);
    }
    measure.warmUp(name + ", direct", setup.direct(), load);
    Map<ProxyKind, List<Round>> rounds = new EnumMap<>(ProxyKind.class);
    for (int number = 1; number <= bed.options().rounds(); number++) {
      LoadResult direct = measure.closed(setup.direct(), load);
      for (ProxyKind kind : ProxyKind.values()) {
        Round round = round(measure.closed(setup.through(kind), load), direct);
        rounds.computeIfAbsent(kind, ignored -> new ArrayList<>()).add(round);
        bed.tell(
            Lines.round(
                name + " " + kind.word() + " " + number + "/" + bed.options().rounds(), round));
      }
    }
    List<Result> results = new ArrayList<>();
    rounds.forEach(
        (kind, measured) ->
            results.add(Result.of(id(), name + " " + kind.word(), "req/s", null, measured)));
    return results;
  }

  private void check(TestBed bed, PassThroughSetup setup) throws IOException, InterruptedException {
    int large = bytes <= SMALL ? LARGER_THAN_WINDOWS : LARGEST_MESSAGE;
    for (ProxyKind kind : ProxyKind.values()) {
      try {
        var took = PassThroughCheck.run(setup.through(kind).address(), large);
        bed.tell(
            String.format(
                Locale.ROOT,
                "%s: passes everything on, a first message of %d MiB in %d ms",
                kind.about(),
                large >> 20,
                took.toMillis()));
      } catch (IOException e) {
        throw new IOException(kind.about() + ": " + e.getMessage(), e);
      }
    }
  }

  private static Round round(LoadResult through, LoadResult direct) {
    return new Round(
        through.perSecond(),
        direct.perSecond(),
        "the same echo without a proxy",
        false,
        null,
        Side.of(through),
        Side.of(direct),
        null);
  }
}
