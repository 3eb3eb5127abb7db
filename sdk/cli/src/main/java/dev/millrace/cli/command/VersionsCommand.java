package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Table;
import dev.millrace.cli.Terminal;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code millrace versions NAME}. */
@Command(name = "versions", description = "Lists the versions of a model: state, signature, size.")
final class VersionsCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The model.")
  private String name = "";

  VersionsCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    List<VersionDocument> versions = ask(control -> control.versions(name));
    if (options().json()) {
      printJson(versions);
      return ExitCode.OK;
    }
    var table = new Table("VERSION", "STATE", "SIZE", "CREATED", "SIGNATURE");
    for (VersionDocument version : versions) {
      table.row(
          version.version(),
          version.state(),
          Texts.size(version),
          version.createdAt(),
          Texts.signature(version.signature()));
    }
    table.print(terminal().out());
    for (VersionDocument version : versions) {
      if (version.reason() != null) {
        say("");
        String what =
            version.state() == VersionState.READY
                ? " failed when it was judged again, and stays ready: "
                : " was rejected: ";
        say("version " + version.version() + what + version.reason());
      }
    }
    return ExitCode.OK;
  }
}
