package dev.millrace.benchmarks.soak;

import dev.millrace.benchmarks.load.ClosedLoop;
import dev.millrace.benchmarks.load.LoadPlan;
import dev.millrace.benchmarks.load.LoadResult;
import dev.millrace.benchmarks.load.OpenLoop;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.benchmarks.load.WarmUp;
import dev.millrace.benchmarks.report.Machine;
import dev.millrace.benchmarks.server.PlatformServer;
import dev.millrace.benchmarks.vitals.Growth;
import dev.millrace.benchmarks.vitals.VitalSigns;
import dev.millrace.benchmarks.vitals.Vitals;
import dev.millrace.benchmarks.workload.Protocol;
import dev.millrace.benchmarks.workload.TinyWorkload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * One soak run: measures what the platform can do, then asks it for four fifths of that while
 * models move, and looks at its process every few seconds. Not thread-safe.
 */
public final class SoakRun {
  private static final double SHARE = 0.8;
  private static final int CONNECTIONS = 16;
  private static final int OPEN_CONNECTIONS = 64;
  private static final int LOOKS = 60;
  private static final Duration SHORTEST_STRETCH = Duration.ofSeconds(4);
  private static final Duration WARM_UP_STEP = Duration.ofSeconds(2);
  private static final double MIB = 1 << 20;
  private static final double NANOS_A_MINUTE = 60e9;

  private final Path home;
  private final Path folder;
  private final Plan plan;
  private final Consumer<String> progress;

  /**
   * How long.
   *
   * @param duration of the part under load and movement
   * @param warmUp at most, before the load's rate is measured
   */
  public record Plan(Duration duration, Duration warmUp) {
    /** Checks that there is time for enough looks to tell growth from noise. */
    public Plan {
      if (duration.compareTo(SHORTEST_STRETCH.multipliedBy(8)) < 0) {
        throw new IllegalArgumentException(
            "minutes: "
                + duration.toMillis() / 60_000.0
                + " (expected: at least half a minute and a little, such as 0.6)");
      }
    }

    /** Time between two looks. */
    Duration stretch() {
      Duration stretch = duration.dividedBy(LOOKS);
      return stretch.compareTo(SHORTEST_STRETCH) < 0 ? SHORTEST_STRETCH : stretch;
    }
  }

  /**
   * A run on the distribution under {@code home}.
   *
   * @param folder for data and logs; the caller deletes it
   * @param progress told in a line how far it is
   */
  public SoakRun(Path home, Path folder, Plan plan, Consumer<String> progress) {
    this.home = home;
    this.folder = folder;
    this.plan = plan;
    this.progress = progress;
  }

  /** Runs; blocks for about the plan's time. */
  public SoakReport run(Machine machine, String commit) throws IOException, InterruptedException {
    progress.accept("starting the platform");
    try (var platform = PlatformServer.start(home, folder.resolve("soak"));
        var churn = Churn.deploy(platform.address(), folder);
        var signs = new VitalSigns(platform.pid(), platform.management())) {
      double capacity = capacity(platform);
      churn.start();
      return soak(machine, commit, new Scene(platform, churn, signs, capacity));
    }
  }

  private record Scene(PlatformServer platform, Churn churn, VitalSigns signs, double capacity) {}

  private double capacity(PlatformServer platform) throws IOException, InterruptedException {
    try (Target target = platform.open(new TinyWorkload(), Protocol.HTTP_JSON, CONNECTIONS)) {
      var outcome = new WarmUp(WARM_UP_STEP, plan.warmUp()).run(target, CONNECTIONS);
      var window = new LoadPlan(CONNECTIONS, Duration.ZERO, WARM_UP_STEP);
      double rate = ClosedLoop.run(target, window, platform.probe()).perSecond();
      progress.accept(
          String.format(
              Locale.ROOT,
              "%s at %.0f req/s; asking for %.0f",
              outcome.settled() ? "settled" : "not settled",
              rate,
              rate * SHARE));
      return rate;
    }
  }

  private SoakReport soak(Machine machine, String commit, Scene scene)
      throws IOException, InterruptedException {
    List<LoadResult> stretches = new ArrayList<>();
    List<Vitals> looks = new ArrayList<>();
    double rate = scene.capacity() * SHARE;
    long begin = System.nanoTime();
    try (Target target =
        scene.platform().open(new TinyWorkload(), Protocol.HTTP_JSON, OPEN_CONNECTIONS)) {
      while (System.nanoTime() - begin < plan.duration().toNanos()) {
        var stretch = new LoadPlan(OPEN_CONNECTIONS, Duration.ZERO, plan.stretch());
        stretches.add(OpenLoop.run(target, stretch, rate, scene.platform().probe()));
        looks.add(scene.signs().look(scene.churn().cycles()));
        tell(System.nanoTime() - begin, stretches, looks, scene.churn());
      }
    }
    scene.churn().stop();
    LoadResult all = LoadResult.sum(stretches);
    return new SoakReport(
        machine,
        commit,
        (System.nanoTime() - begin) / NANOS_A_MINUTE,
        new SoakReport.Offered(
            scene.capacity(),
            rate,
            all.answers(),
            all.failed(),
            all.wrong(),
            all.latencyMillis(50),
            all.latencyMillis(99)),
        scene.churn().cycles(),
        scene.churn().watched(),
        Growth.of(looks),
        problems(all, scene));
  }

  private static List<String> problems(LoadResult load, Scene scene) {
    List<String> problems = new ArrayList<>(scene.churn().problems());
    if (load.firstProblem() != null) {
      problems.add("load: " + load.firstProblem());
    }
    if (scene.churn().cycles() == 0) {
      problems.add("no model moved");
    }
    if (!scene.platform().alive()) {
      problems.add("the platform ended" + scene.platform().logTail());
    }
    return List.copyOf(problems);
  }

  private void tell(long nanos, List<LoadResult> stretches, List<Vitals> looks, Churn churn) {
    LoadResult last = stretches.getLast();
    Vitals look = looks.getLast();
    String problem = churn.firstProblem();
    progress.accept(
        String.format(
            Locale.ROOT,
            "%3.0f %%  %.0f req/s, p99 %.1f ms, %d errors; %d loads; resident %.0f MiB, heap %.1f"
                + " MiB, %.0f files, %.0f threads%s",
            Math.min(100, 100.0 * nanos / plan.duration().toNanos()),
            last.perSecond(),
            last.latencyMillis(99),
            last.failed() + last.wrong(),
            look.cycles(),
            look.residentBytes() / MIB,
            look.heapBytes() / MIB,
            look.files(),
            look.threads(),
            problem == null ? "" : "; PROBLEM: " + problem));
  }
}
