package dev.millrace.benchmarks;

import dev.millrace.benchmarks.malformed.MalformedReport;
import dev.millrace.benchmarks.malformed.MalformedRun;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Status 0: each got a verdict and serving did not notice; 1: not so; 2: wrong command line. */
@Command(
    name = "malformed",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Every kind of broken model and mutations of good ones are uploaded to a platform that"
            + " serves meanwhile.",
    footer = {
      "",
      "About a quarter of the mutations come as far as the admission process, a second or two"
          + " each.",
      "Examples:",
      "  millrace bench malformed",
      "  millrace bench malformed --count 100 --seed 7 --json malformed.json"
    })
final class MalformedCommand implements Callable<Integer> {
  private static final int FAILURE = 1;
  private static final int BAR = 40;
  private static final int LINES = 20;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Mutations, beside the known kinds (default: 2000).")
  private int count = 2000;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the first mutation (default: 1); the same seed gives the same model.")
  private long seed = 1;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the report there.")
  private @Nullable Path json;

  private int shown = -1;

  @Override
  public Integer call() throws Exception {
    MalformedRun.Plan plan = plan();
    try (var folder = new TemporaryFolder()) {
      MalformedReport report =
          new MalformedRun(BenchHome.path(), folder.path(), plan, this::show).run();
      spec.commandLine().getOut().print(report.table());
      spec.commandLine().getOut().flush();
      if (json != null) {
        report.write(json);
      }
      return report.passed() ? 0 : FAILURE;
    } catch (IOException e) {
      err().println("malformed: " + e.getMessage());
      return FAILURE;
    } catch (InterruptedException e) {
      err().println("malformed: stopped");
      return FAILURE;
    }
  }

  private MalformedRun.Plan plan() {
    try {
      return new MalformedRun.Plan(count, seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  /** A bar on a terminal; elsewhere a line for each twentieth. */
  private void show(int done, int of) {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    int step = terminal ? done : done * LINES / of;
    if (step == shown) {
      return;
    }
    shown = step;
    if (terminal) {
      int full = done * BAR / of;
      err().print("\r[" + "#".repeat(full) + ".".repeat(BAR - full) + "] " + done + " of " + of);
      if (done == of) {
        err().println();
      }
      err().flush();
    } else {
      err().println("malformed: " + done + " of " + of);
    }
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
