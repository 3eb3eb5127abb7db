package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Target;
import dev.millrace.cli.Terminal;
import dev.millrace.cli.doctor.Finding;
import dev.millrace.cli.doctor.MachineChecks;
import dev.millrace.cli.doctor.ServerChecks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace doctor}. */
@Command(
    name = "doctor",
    description = "Checks this machine, the platform and the key, and says what to do.",
    footer = {"", "Exit code 1 when something is wrong; warnings do not count."})
final class DoctorCommand extends ClientCommand {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The data folder to look at (default: that of 'serve').")
  private @Nullable Path data;

  DoctorCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    Target target = options().target(terminal());
    var findings = new ArrayList<Finding>();
    findings.addAll(new MachineChecks(terminal()).run(data));
    findings.addAll(new ServerChecks(target).run());
    if (options().json()) {
      printJson(findings);
    } else {
      findings.forEach(this::print);
    }
    return failed(findings) ? ExitCode.FAILURE : ExitCode.OK;
  }

  private void print(Finding finding) {
    String level = finding.level().name().toLowerCase(Locale.ROOT);
    String shown =
        switch (finding.level()) {
          case OK -> terminal().good("ok  ");
          case WARN -> "warn";
          case FAIL -> terminal().bad(level);
        };
    say(shown + "  " + String.format("%-9s", finding.subject()) + finding.found());
    if (finding.advice() != null) {
      say("      " + finding.advice());
    }
  }

  private static boolean failed(List<Finding> findings) {
    return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.FAIL);
  }
}
