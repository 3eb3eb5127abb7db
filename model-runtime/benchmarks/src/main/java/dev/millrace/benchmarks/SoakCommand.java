package dev.millrace.benchmarks;

import dev.millrace.benchmarks.report.Machine;
import dev.millrace.benchmarks.soak.SoakReport;
import dev.millrace.benchmarks.soak.SoakRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Status 0: nothing failed and nothing grew; 1: something did; 2: the command line is wrong. */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Does it stay as it is? The platform under 80 %% load, while three models are loaded and"
            + " unloaded all the while.",
    footer = {
      "",
      "Fails when a call fails, an answer is wrong, or memory, files or threads grow.",
      "Examples:",
      "  millrace bench soak                      ten minutes",
      "  millrace bench soak --minutes 60 --json soak.json"
    })
final class SoakCommand implements Callable<Integer> {
  private static final int FAILURE = 1;
  private static final double DEFAULT_MINUTES = 10;
  private static final double MILLIS_A_MINUTE = 60_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "How long under load (default: 10); fractions are taken.")
  private double minutes = DEFAULT_MINUTES;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Most seconds until throughput has settled, before that (default: 40).")
  private int warmUp = 40;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the report there.")
  private @Nullable Path json;

  @Override
  public Integer call() throws Exception {
    SoakRun.Plan plan = plan();
    try (var folder = new TemporaryFolder()) {
      var run = new SoakRun(BenchHome.path(), folder.path(), plan, this::progress);
      SoakReport report = run.run(Machine.here(), SourceCommit.of(BenchHome.path()));
      spec.commandLine().getOut().print(report.table());
      spec.commandLine().getOut().flush();
      if (json != null) {
        report.write(json);
      }
      return report.passed() ? 0 : FAILURE;
    } catch (IOException e) {
      progress(String.valueOf(e.getMessage()));
      return FAILURE;
    } catch (InterruptedException e) {
      progress("stopped");
      return FAILURE;
    }
  }

  private SoakRun.Plan plan() {
    try {
      return new SoakRun.Plan(
          Duration.ofMillis((long) (minutes * MILLIS_A_MINUTE)), Duration.ofSeconds(warmUp));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  private void progress(String line) {
    spec.commandLine().getErr().println("soak: " + line);
  }
}
