package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code millrace serve}: here for help only. The launcher starts the platform itself, so that
 * signals reach it; the platform parses these options again.
 */
@Command(
    name = "serve",
    sortOptions = false,
    description = "Starts the whole platform in this terminal: registry, model runtime, gateway.",
    footer = {
      "",
      "Examples:",
      "  ./millrace serve                             on 127.0.0.1:8080",
      "  ./millrace serve --port 0 --data ./data      on any free port, with its data in ./data",
      "",
      "All options: ./millrace serve --help"
    })
final class ServeCommand implements Callable<Integer> {
  private final Terminal terminal;

  /** Whatever the platform takes. */
  @Unmatched private String[] arguments = {};

  ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    terminal
        .err()
        .println(
            "millrace: 'serve' is run by the launcher: ./millrace serve "
                + String.join(" ", arguments));
    return ExitCode.USAGE;
  }
}
