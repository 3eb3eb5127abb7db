package dev.millrace.benchmarks;

import picocli.CommandLine;

/** Entry point of {@code ./millrace bench}. */
public final class Main {
  private Main() {}

  /** Runs the command and exits with its status. */
  public static void main(String... arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    // JMH reads its own options; whatever this command does not know is passed on.
    var jmh = new CommandLine(new JmhCommand()).setUnmatchedOptionsArePositionalParams(true);
    return new CommandLine(new BenchCommand())
        .addSubcommand(new SoakCommand())
        .addSubcommand(new MalformedCommand())
        .addSubcommand(new FuzzCommand())
        .addSubcommand(jmh);
  }
}
