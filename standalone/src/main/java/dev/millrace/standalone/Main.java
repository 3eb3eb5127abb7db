package dev.millrace.standalone;

import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the platform in one process: {@code java -jar quarkus-run.jar serve …}. */
@QuarkusMain
@Command(
    name = "millrace",
    description = "Millrace in one process: registry, model runtime and gateway.",
    subcommands = ServeCommand.class,
    mixinStandardHelpOptions = true)
public final class Main {
  /** Parses the command line, serves until stopped, and exits with the status of the command. */
  public static void main(String... arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }
}
