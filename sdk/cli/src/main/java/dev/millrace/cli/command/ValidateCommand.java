package dev.millrace.cli.command;

import dev.millrace.cli.Deployment;
import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Progress;
import dev.millrace.cli.Terminal;
import dev.millrace.client.Millrace;
import dev.millrace.protocol.control.VersionDocument;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace validate NAME [VERSION]}. */
@Command(
    name = "validate",
    description =
        "Has a version judged again: after an upgrade, or when it was rejected for its time.",
    footer = {
      "",
      "A version that is READY serves on meanwhile, and stays READY whatever comes of it: when it",
      "fails, 'millrace versions' and 'millrace events' say why.",
      "",
      "Exit codes: 1 it failed, 5 there is no verdict in time."
    })
final class ValidateCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The model.")
  private String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "VERSION",
      description = "The version; the latest when absent.")
  private @Nullable Integer version;

  @Mixin private Waiting waiting = new Waiting();

  ValidateCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() throws InterruptedException {
    var progress = new Progress(terminal());
    try (Millrace millrace = connect()) {
      var control = millrace.control();
      int number = version == null ? control.model(name).latestVersion() : version;
      VersionDocument judged = control.validate(name, number);
      boolean waits = waiting.wanted(terminal());
      if (waits) {
        judged = new Deployment(control, progress, name).awaitVerdict(number, waiting.timeout());
      }
      progress.clear();
      print(judged, waits);
      return ExitCode.OK;
    } finally {
      progress.clear();
    }
  }

  private void print(VersionDocument judged, boolean waited) {
    if (options().json()) {
      printJson(judged);
      return;
    }
    String which = name + " version " + judged.version();
    if (waited) {
      say(which + "  " + terminal().good("passed") + ", it is " + judged.state());
      say("'./millrace profile " + name + " " + judged.version() + "' shows what was measured.");
    } else {
      say(
          which
              + " is being judged again; './millrace events "
              + name
              + "' says what comes of it.");
    }
  }
}
