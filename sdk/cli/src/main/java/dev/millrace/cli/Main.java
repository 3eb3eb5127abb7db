package dev.millrace.cli;

import dev.millrace.cli.command.Commands;
import picocli.CommandLine;

/** Entry point of the {@code millrace} command. */
public final class Main {
  private Main() {}

  /** Runs the command line and exits with its status. */
  public static void main(String... arguments) {
    // Maven's resolver logs through SLF4J; there is no log here, so no warning about that either.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    Terminal terminal = Terminal.ofProcess();
    int status = run(terminal, arguments);
    terminal.out().flush();
    terminal.err().flush();
    System.exit(status);
  }

  /** Runs a command line on a terminal and returns the exit status; for tests and {@link #main}. */
  public static int run(Terminal terminal, String... arguments) {
    CommandLine command = Commands.create(terminal);
    command
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                terminal.colors() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
        .setExecutionExceptionHandler(new FailureReporter(terminal));
    return command.execute(arguments);
  }
}
