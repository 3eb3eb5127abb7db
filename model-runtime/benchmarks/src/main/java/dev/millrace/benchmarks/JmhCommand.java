package dev.millrace.benchmarks;

import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the micro-benchmarks; takes what JMH's own command line takes. */
@Command(
    name = "jmh",
    description = "Micro-benchmarks by JMH: a regular expression, and JMH's own options.",
    footer = {
      "",
      "Examples:",
      "  millrace bench jmh                          all of them",
      "  millrace bench jmh HttpInferCodec -prof gc  with bytes allocated per operation",
      "  millrace bench jmh Codec -f 1 -wi 2 -i 3 -rf json -rff codec.json"
    })
final class JmhCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "As JMH takes them.")
  private List<String> arguments = List.of();

  @Override
  public Integer call() {
    try {
      var options = new CommandLineOptions(arguments.toArray(String[]::new));
      if (options.shouldHelp()) {
        spec.commandLine().usage(spec.commandLine().getOut());
        return 0;
      }
      new Runner(new OptionsBuilder().parent(options).shouldFailOnError(true).build()).run();
      return 0;
    } catch (CommandLineOptionException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    } catch (RunnerException e) {
      spec.commandLine().getErr().println("bench: " + e.getMessage());
      return 1;
    }
  }
}
