package dev.millrace.cli.command;

import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Terminal;
import dev.millrace.protocol.control.EndpointDocument;
import dev.millrace.protocol.control.EndpointStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code millrace status NAME}. */
@Command(
    name = "status",
    description = "Shows what an endpoint serves, what it waits for and why.",
    footer = {"", "Exit code 5 while the endpoint cannot answer calls."})
final class StatusCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The endpoint.")
  private String name = "";

  StatusCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() {
    EndpointDocument endpoint = ask(control -> control.endpoint(name));
    if (options().json()) {
      printJson(endpoint);
    } else {
      print(endpoint);
    }
    return endpoint.status().ready() ? ExitCode.OK : ExitCode.NOT_READY;
  }

  private void print(EndpointDocument endpoint) {
    var status = endpoint.status();
    var spec = endpoint.spec();
    say(
        endpoint.name()
            + "  "
            + (status.ready()
                ? terminal().good("ready")
                : terminal().bad(status.suspended() ? "unloaded" : "not ready"))
            + (sleeps(status) ? ", asleep: the next call wakes it" : ""));
    say("  model      " + (spec.model() == null ? endpoint.name() : spec.model()));
    say("  wanted     " + Texts.wish(spec));
    say("  serves     " + Texts.traffic(status.traffic()));
    say("  replicas   " + replicas(status));
    say("  waits for  " + (status.waitingFor() == null ? "nothing" : status.waitingFor()));
    say(
        terminal()
            .faint(
                "  revision   "
                    + endpoint.revision()
                    + ", "
                    + endpoint.changedAt()
                    + " by "
                    + endpoint.changedBy()));
  }

  /** Whether a call has to wait for a model to be loaded, wherever it goes. */
  private static boolean sleeps(EndpointStatus status) {
    return status.ready() && status.asleep() > 0 && status.asleep() == status.replicas();
  }

  private static String replicas(EndpointStatus status) {
    return status.replicas()
        + " ready"
        + (status.asleep() == 0 ? "" : ", " + status.asleep() + " of them asleep");
  }
}
