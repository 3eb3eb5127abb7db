package dev.millrace.cli.command;

import dev.millrace.cli.Deployment;
import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Progress;
import dev.millrace.cli.Terminal;
import dev.millrace.client.Millrace;
import dev.millrace.protocol.control.EndpointDocument;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace rollback NAME}. */
@Command(
    name = "rollback",
    description = "Returns an endpoint to what it served before its last change.")
final class RollbackCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The endpoint.")
  private String name = "";

  @Mixin private Waiting waiting = new Waiting();

  RollbackCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() throws InterruptedException {
    var progress = new Progress(terminal());
    try (Millrace millrace = connect()) {
      EndpointDocument endpoint = millrace.control().revert(name);
      if (waiting.wanted(terminal())) {
        new Deployment(millrace.control(), progress, name).awaitServing(waiting.timeout());
        endpoint = millrace.control().endpoint(name);
      }
      progress.clear();
      if (options().json()) {
        printJson(endpoint);
      } else {
        say(
            name
                + " goes back to "
                + Texts.wish(endpoint.spec())
                + "; it serves "
                + Texts.traffic(endpoint.status().traffic()));
      }
      return ExitCode.OK;
    } finally {
      progress.clear();
    }
  }
}
