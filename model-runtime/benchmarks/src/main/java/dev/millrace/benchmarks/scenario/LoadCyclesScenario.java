package dev.millrace.benchmarks.scenario;

import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.load.ServerProbe;
import dev.millrace.benchmarks.report.Result;
import dev.millrace.benchmarks.report.Round;
import dev.millrace.benchmarks.report.Side;
import dev.millrace.benchmarks.report.Target;
import dev.millrace.benchmarks.server.PlatformServer;
import dev.millrace.benchmarks.soak.MovingModel;
import dev.millrace.benchmarks.vitals.Trend;
import dev.millrace.benchmarks.vitals.VitalSigns;
import dev.millrace.benchmarks.vitals.Vitals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/**
 * One endpoint moved between two versions again and again: each move loads one version and unloads
 * the other, and counts when the new one answers. What is left behind shows as resident memory,
 * looked at after full collections.
 */
record LoadCyclesScenario(String name) implements Scenario {
  private static final String ID = "P12";
  private static final int CYCLES = 500;
  private static final int CYCLES_A_SECOND = 50;
  private static final int FIRST_COUNTED = 10;
  private static final int LOOK_EVERY = 10;
  private static final double PERCENT = 100;
  private static final long MIB_SHIFT = 20;
  private static final Target TARGET = Target.valueAtMost(0.02, "% a cycle");

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String about() {
    return CYCLES
        + " loads and unloads ("
        + CYCLES_A_SECOND
        + " for each of --seconds): growth of resident memory a cycle";
  }

  @Override
  public Occasion occasion() {
    return Occasion.FULL;
  }

  @Override
  public List<Result> run(TestBed bed) throws IOException, InterruptedException {
    int cycles = (int) Math.min(CYCLES, CYCLES_A_SECOND * bed.options().window().toSeconds());
    // What is moved away from is unloaded at once: otherwise moving back would find it loaded.
    try (var platform = bed.another(name, List.of("-Dmillrace.runtime.unload-delay=0S"));
        var signs = new VitalSigns(platform.pid(), platform.management());
        var model = MovingModel.deploy(platform.address(), "bench-cycles", 2, bed.folder())) {
      return List.of(measure(bed, cycles, platform, signs, model));
    }
  }

  private Result measure(
      TestBed bed, int cycles, PlatformServer platform, VitalSigns signs, MovingModel model)
      throws IOException, InterruptedException {
    List<Vitals> looks = new ArrayList<>();
    var times = new Histogram(3);
    long begin = System.nanoTime();
    for (int cycle = 1; cycle <= cycles; cycle++) {
      long start = System.nanoTime();
      model.move();
      times.recordValue(System.nanoTime() - start);
      if (cycle >= FIRST_COUNTED && cycle % LOOK_EVERY == 0) {
        looks.add(signs.look(cycle));
      }
      if (cycle % (LOOK_EVERY * 10) == 0) {
        bed.tell(name + ": " + cycle + " of " + cycles + " cycles");
      }
    }
    double atFirst = looks.getFirst().residentBytes();
    Trend trend =
        Trend.of(
            looks.stream().mapToDouble(Vitals::cycles).toArray(),
            looks.stream().mapToDouble(Vitals::residentBytes).toArray());
    double perCycle = trend.slope() / atFirst * PERCENT;
    bed.tell(
        String.format(
            Locale.ROOT,
            "%s: resident %d MiB at cycle %d, %d MiB at cycle %d; %.4f ± %.4f %% a cycle",
            name,
            (long) atFirst >> MIB_SHIFT,
            FIRST_COUNTED,
            (long) looks.getLast().residentBytes() >> MIB_SHIFT,
            cycles,
            perCycle,
            trend.error() / atFirst * PERCENT));
    return Result.of(
        ID, name, "% a cycle", TARGET, List.of(round(perCycle, side(platform, times, begin))));
  }

  private static Round round(double perCycle, Side side) {
    return new Round(perCycle, null, null, false, null, side, null, null);
  }

  /** Cycles as if they were calls: how many a second and how long one took. */
  private static Side side(PlatformServer platform, Histogram times, long begin) {
    var usage =
        new LoadResult.Usage(
            Optional.empty(),
            Duration.ZERO,
            OptionalLong.of(ServerProbe.of(platform.pid()).residentBytes().orElse(0)));
    return Side.of(
        new LoadResult(
            Duration.ofNanos(System.nanoTime() - begin), times, 0, 0, null, usage, null));
  }
}
