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

/** {@code millrace endpoints suspend|resume NAME}. */
final class SuspensionCommands {
  private SuspensionCommands() {}

  /** Unloads. */
  @Command(
      name = "suspend",
      description = {
        "Unloads what an endpoint serves, after the calls in flight.",
        "It answers no call, and no call wakes it, until it is resumed."
      })
  static final class Suspend extends ClientCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The endpoint.")
    private String name = "";

    Suspend(MillraceCommand root, Terminal terminal) {
      super(root, terminal);
    }

    @Override
    public Integer call() {
      EndpointDocument endpoint =
          ask(control -> new Deployment(control, new Progress(terminal()), name).suspend(true));
      if (options().json()) {
        printJson(endpoint);
      } else {
        say(name + " is unloaded; './millrace endpoints resume " + name + "' loads it again.");
      }
      return ExitCode.OK;
    }
  }

  /** Loads again. */
  @Command(
      name = "resume",
      description = "Loads again what an endpoint serves.",
      footer = {"", "Exit code 5 when it does not serve in time."})
  static final class Resume extends ClientCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The endpoint.")
    private String name = "";

    @Mixin private Waiting waiting = new Waiting();

    Resume(MillraceCommand root, Terminal terminal) {
      super(root, terminal);
    }

    @Override
    public Integer call() throws InterruptedException {
      var progress = new Progress(terminal());
      try (Millrace millrace = connect()) {
        var deployment = new Deployment(millrace.control(), progress, name);
        EndpointDocument endpoint = deployment.suspend(false);
        boolean waited = waiting.wanted(terminal());
        if (waited) {
          deployment.awaitServing(waiting.timeout());
          endpoint = millrace.control().endpoint(name);
        }
        progress.clear();
        if (options().json()) {
          printJson(endpoint);
        } else if (waited) {
          say(name + " serves " + Texts.traffic(endpoint.status().traffic()));
        } else {
          say("'./millrace status " + name + "' says when it serves.");
        }
        return ExitCode.OK;
      } finally {
        progress.clear();
      }
    }
  }
}
