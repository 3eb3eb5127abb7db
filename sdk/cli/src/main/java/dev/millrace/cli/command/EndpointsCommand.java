package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Table;
import dev.millrace.cli.Terminal;
import dev.millrace.client.ControlClient;
import dev.millrace.protocol.control.EndpointDocument;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code millrace endpoints}. */
@Command(
    name = "endpoints",
    description = "Lists the endpoints, what they serve and what they wait for.")
final class EndpointsCommand extends ClientCommand {
  EndpointsCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    List<EndpointDocument> endpoints = ask(ControlClient::endpoints);
    if (options().json()) {
      printJson(endpoints);
      return ExitCode.OK;
    }
    var table = new Table("NAME", "READY", "SERVES", "REPLICAS", "WAITS FOR");
    for (EndpointDocument endpoint : endpoints) {
      var status = endpoint.status();
      table.row(
          endpoint.name(),
          status.ready() ? "yes" : "no",
          Texts.traffic(status.traffic()),
          status.replicas(),
          status.waitingFor() == null ? "-" : status.waitingFor());
    }
    if (table.isEmpty()) {
      say("No endpoints yet. './millrace deploy NAME model.onnx' makes one.");
    } else {
      table.print(terminal().out());
    }
    return ExitCode.OK;
  }
}
