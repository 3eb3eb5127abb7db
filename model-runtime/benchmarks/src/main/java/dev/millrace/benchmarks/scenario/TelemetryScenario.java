package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.server.PlatformServer;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.TinyWorkload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What histograms and traces cost: the same build twice, one platform with both, one with neither,
 * in turn. The turns are short and go on, off, off, on, so that a machine that slows down slows
 * both alike; a difference of one percent is small against the noise of a longer turn.
 */
record TelemetryScenario(String name, int callers) implements Scenario {
  private static final String ID = "P9";
  private static final int PAIRS = 4;
  private static final Target TARGET = Target.atLeast(0.98, "the same without them");
  private static final String AGAINST =
      "the same build without histograms and without traces, in short turns";

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String about() {
    return "linear model 4 → 3, HTTP JSON, "
        + callers
        + " connections: all histograms and traces of 1 % of the calls, against neither";
  }

  @Override
  public Occasion occasion() {
    return Occasion.FULL;
  }

  @Override
  public List<Result> run(TestBed bed) throws IOException, InterruptedException {
    // Spans need somebody who takes them; a server that reads and forgets will do.
    String collector = bed.baselines().sink().address().http().resolve("/v1/traces").toString();
    try (var with = bed.another("telemetry-on", traced(collector));
        var without =
            bed.another(
                "telemetry-off",
                List.of(
                    "-Dmillrace.telemetry.metrics.histograms=false",
                    "-Dmillrace.telemetry.traces.enabled=false"))) {
      return measure(bed, with, without);
    }
  }

  private static List<String> traced(String collector) {
    return List.of(
        "-Dmillrace.telemetry.metrics.histograms=true",
        "-Dmillrace.telemetry.traces.enabled=true",
        "-Dmillrace.telemetry.traces.ratio=0.01",
        "-Dmillrace.telemetry.traces.endpoint=" + collector);
  }

  private List<Result> measure(TestBed bed, PlatformServer with, PlatformServer without)
      throws IOException, InterruptedException {
    var load = new Load(new TinyWorkload(), Protocol.HTTP_JSON, callers);
    var measure = new Measure(bed.options().sliced(PAIRS), bed::tell);
    measure.warmUp(name + ", with", with, load);
    measure.warmUp(name + ", without", without, load);
    List<Round> throughput = new ArrayList<>();
    List<Round> processor = new ArrayList<>();
    for (int number = 1; number <= bed.options().rounds(); number++) {
      List<LoadResult> on = new ArrayList<>();
      List<LoadResult> off = new ArrayList<>();
      for (int pair = 0; pair < PAIRS; pair++) {
        boolean onFirst = pair % 2 == 0;
        (onFirst ? on : off).add(measure.closed(onFirst ? with : without, load));
        (onFirst ? off : on).add(measure.closed(onFirst ? without : with, load));
      }
      Side server = Side.of(LoadResult.sum(on));
      Side baseline = Side.of(LoadResult.sum(off));
      Round round = round(server, baseline, server.perSecond(), baseline.perSecond());
      throughput.add(round);
      processor.add(
          round(server, baseline, server.cpuMillisPerRequest(), baseline.cpuMillisPerRequest()));
      bed.tell(Lines.round(name + " " + number + "/" + bed.options().rounds(), round));
    }
    return List.of(
        Result.of(ID, name, "req/s", TARGET, throughput),
        Result.of(ID, name + " processor", "ms cpu/req", null, processor));
  }

  private static Round round(
      Side server, Side baseline, @Nullable Double value, @Nullable Double other) {
    return new Round(value, other, AGAINST, false, null, server, baseline, null);
  }
}
