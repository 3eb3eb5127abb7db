package dev.millrace.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command without a subcommand: shows its help. */
@Command(
    name = "millrace",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = "Serve ONNX models: upload one, get a fast, safe, versioned endpoint.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it worked",
      "1:it failed",
      "2:the command line is wrong",
      "3:no such model, version, endpoint or file",
      "4:no key, an unknown key, or one that may not do this",
      "5:not reachable, not ready, overloaded or too late: trying again can help"
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace demo                                  a real model, end to end",
      "  ./millrace serve --port 8080 --data ./data       the platform in this terminal",
      "  ./millrace deploy linear linear.onnx --wait",
      "  ./millrace infer linear --input 'x=[[1,2,3,4]]'",
      "",
      "Environment: MILLRACE_URL, MILLRACE_API_KEY, MILLRACE_JAVA_HOME, MILLRACE_JAVA_OPTS,",
      "NO_COLOR, MILLRACE_DEBUG=1 (stack traces)."
    })
final class MillraceCommand implements Callable<Integer> {
  @Mixin private GlobalOptions options = new GlobalOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  GlobalOptions options() {
    return options;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }
}
