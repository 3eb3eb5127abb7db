package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Commands that the launcher script runs itself; here for help only. */
final class LauncherCommands {
  private LauncherCommands() {}

  private static int onlyByLauncher(Terminal terminal, String command) {
    terminal
        .err()
        .println("millrace: '" + command + "' is run by the launcher: ./millrace " + command);
    return ExitCode.USAGE;
  }

  /** {@code millrace test}. */
  @Command(
      name = "test",
      description = "Runs the whole test suite with every check (mvn verify).",
      footer = {"", "Example:", "  ./millrace test -pl gateway/core -am"})
  static final class Test implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(arity = "0..*", paramLabel = "MAVEN-ARGUMENT", description = "Passed to Maven.")
    private List<String> arguments = List.of();

    Test(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      return onlyByLauncher(terminal, ("test " + String.join(" ", arguments)).strip());
    }
  }

  /** {@code millrace bench}. */
  @Command(
      name = "bench",
      description = "Measures throughput and percentiles on this machine.",
      footer = {"", "Example:", "  ./millrace bench --quick"})
  static final class Bench implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "Passed to the benchmarks.")
    private List<String> arguments = List.of();

    Bench(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      return onlyByLauncher(terminal, ("bench " + String.join(" ", arguments)).strip());
    }
  }
}
