package dev.millrace.benchmarks;

import dev.millrace.benchmarks.server.ModelDeployer;
import dev.millrace.benchmarks.server.PlatformServer;
import dev.millrace.benchmarks.vitals.VitalSigns;
import dev.millrace.benchmarks.vitals.Vitals;
import dev.millrace.testkit.fuzz.FuzzModels;
import dev.millrace.testkit.fuzz.FuzzReport;
import dev.millrace.testkit.fuzz.FuzzRun;
import dev.millrace.testkit.oip.OipTarget;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Status 0: the platform did nothing wrong and did not grow; 1: not so; 2: wrong command line. */
@Command(
    name = "fuzz",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Spoilt requests in JSON, binary, raw and gRPC over a few kept connections to a platform"
            + " of its own.",
    footer = {
      "",
      "The same seed and number give the same request.",
      "Examples:",
      "  millrace bench fuzz --count 100000 --seed 1",
      "  millrace bench fuzz --seed 1 --first 4711 --count 1"
    })
final class FuzzCommand implements Callable<Integer> {
  private static final int FAILURE = 1;

  /** Code is compiled and pools are filled before the first look. */
  private static final int WARM_UP = 5_000;

  private static final int LINES = 20;
  private static final double MEBI = 1 << 20;
  private static final double HEAP_GROWTH = 48 * MEBI;
  private static final double PINNED_GROWTH = 4 * MEBI;
  private static final double THREADS = 20;
  private static final double FILES = 40;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--count", paramLabel = "N", description = "Requests (default: 100000).")
  private int count = 100_000;

  @Option(names = "--seed", paramLabel = "N", description = "Of all of them (default: 1).")
  private long seed = 1;

  @Option(
      names = "--first",
      paramLabel = "N",
      description = "Number of the first one (default: 0), to send one again.")
  private int first;

  private int shown = -1;

  @Override
  public Integer call() throws Exception {
    if (count < 1 || first < 0) {
      throw new ParameterException(
          spec.commandLine(), "--count and --first (expected: 1 or more, 0 or more)");
    }
    try (var folder = new TemporaryFolder();
        var platform =
            PlatformServer.start(BenchHome.path(), folder.path().resolve("fuzz"), List.of())) {
      deploy(platform, folder.path());
      var problems = new ArrayList<String>();
      FuzzReport report = watched(platform, problems);
      var out = spec.commandLine().getOut();
      out.print(report.table());
      problems.forEach(problem -> out.println("problem: " + problem));
      out.flush();
      return report.clean() && problems.isEmpty() ? 0 : FAILURE;
    } catch (IOException e) {
      err().println("fuzz: " + e.getMessage());
      return FAILURE;
    } catch (InterruptedException e) {
      err().println("fuzz: stopped");
      return FAILURE;
    }
  }

  private static void deploy(PlatformServer platform, Path folder)
      throws IOException, InterruptedException {
    try (var control = new ModelDeployer(platform.address())) {
      for (var model : FuzzModels.all().entrySet()) {
        Path file = Files.write(folder.resolve(model.getKey()), model.getValue());
        control.deploy(model.getKey(), file, Map.of());
      }
    }
  }

  private FuzzReport watched(PlatformServer platform, List<String> problems)
      throws IOException, InterruptedException {
    var address = platform.address();
    var target = OipTarget.of(address.http(), address.key(), FuzzModels.LINEAR);
    try (var signs = new VitalSigns(platform.pid(), platform.management())) {
      new FuzzRun(target, seed - 1).run(0, Math.min(count, WARM_UP), done -> {});
      Vitals before = signs.look(0);
      FuzzReport report = new FuzzRun(target, seed).run(first, count, this::show);
      if (!platform.alive()) {
        problems.add("the platform ended" + platform.logTail());
        return report;
      }
      Vitals after = signs.look(1);
      grown("heap", before.heapBytes(), after.heapBytes(), HEAP_GROWTH, problems);
      grown("buffers in use", before.pinnedBytes(), after.pinnedBytes(), PINNED_GROWTH, problems);
      grown("threads", before.threads(), after.threads(), THREADS, problems);
      grown("open files", before.files(), after.files(), FILES, problems);
      return report;
    }
  }

  private static void grown(
      String what, double before, double after, double allowed, List<String> problems) {
    if (after - before > allowed) {
      problems.add(String.format(Locale.ROOT, "%s grew from %.0f to %.0f", what, before, after));
    }
  }

  private synchronized void show(int done) {
    int step = (int) ((long) done * LINES / count);
    if (step != shown) {
      shown = step;
      err().println("fuzz: " + done + " of " + count);
    }
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
