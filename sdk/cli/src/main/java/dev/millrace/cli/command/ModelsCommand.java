package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Table;
import dev.millrace.cli.Terminal;
import dev.millrace.client.ControlClient;
import dev.millrace.protocol.control.ModelDocument;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code millrace models}. */
@Command(name = "models", description = "Lists the models, their latest version and their aliases.")
final class ModelsCommand extends ClientCommand {
  ModelsCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    List<ModelDocument> models = ask(ControlClient::models);
    if (options().json()) {
      printJson(models);
      return ExitCode.OK;
    }
    var table = new Table("NAME", "LATEST", "ALIASES", "CREATED");
    for (ModelDocument model : models) {
      table.row(
          model.name(), model.latestVersion(), Texts.aliases(model.aliases()), model.createdAt());
    }
    if (table.isEmpty()) {
      say("No models yet. './millrace deploy NAME model.onnx' uploads one.");
    } else {
      table.print(terminal().out());
    }
    return ExitCode.OK;
  }
}
