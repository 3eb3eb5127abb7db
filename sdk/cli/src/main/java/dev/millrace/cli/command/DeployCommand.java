package dev.millrace.cli.command;

import dev.millrace.cli.Deployment;
import dev.millrace.cli.ExitCode;
import dev.millrace.cli.Progress;
import dev.millrace.cli.Terminal;
import dev.millrace.cli.bundle.Bundle;
import dev.millrace.client.Millrace;
import dev.millrace.protocol.control.VersionDocument;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace deploy NAME FILE}. */
@Command(
    name = "deploy",
    sortOptions = false,
    description = {
      "Uploads a model as a new version and lets its endpoint serve it.",
      "The first version of an endpoint gets all traffic; a later one takes over when it is ready and"
          + " loaded. The same file again is the same version."
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace deploy linear linear.onnx --wait",
      "  ./millrace deploy minilm model.onnx --tokenizer tokenizer.json --manifest millrace.yaml",
      "  ./millrace deploy minilm ./minilm/             a folder with the same three files",
      "  ./millrace deploy linear next.onnx --no-traffic",
      "",
      "Exit codes: 1 the version was rejected, 5 it does not serve in time."
    })
final class DeployCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The model and its endpoint.")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "An .onnx file, a .tar bundle, or a folder with a bundle's files.")
  private Path file = Path.of("");

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "Hugging Face tokenizer, becomes tokenizer.json.")
  private @Nullable Path tokenizer;

  @Option(
      names = "--manifest",
      paramLabel = "FILE",
      description = "Facts about the model (task, pooling, …), becomes millrace.yaml.")
  private @Nullable Path manifest;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "One label a line, becomes labels.txt.")
  private @Nullable Path labels;

  @Option(
      names = "--no-traffic",
      description = "Load the version, but leave the traffic where it is.")
  private boolean noTraffic;

  @Mixin private Waiting waiting = new Waiting();

  DeployCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() throws InterruptedException {
    var progress = new Progress(terminal());
    try (Bundle bundle = Bundle.of(file, extras());
        Millrace millrace = connect()) {
      var deployment = new Deployment(millrace.control(), progress, name);
      VersionDocument version = deployment.upload(bundle.file());
      if (noTraffic) {
        deployment.loadOnly(version.version());
      } else {
        deployment.switchTo(version.version());
      }
      if (waiting.wanted(terminal())) {
        version = deployment.awaitReady(version.version(), waiting.timeout());
        if (!noTraffic) {
          deployment.awaitServing(waiting.timeout());
        }
        progress.clear();
      }
      print(millrace, version);
      return ExitCode.OK;
    } finally {
      progress.clear();
    }
  }

  private Map<String, Path> extras() {
    var extras = new LinkedHashMap<String, Path>();
    if (tokenizer != null) {
      extras.put("tokenizer.json", tokenizer);
    }
    if (manifest != null) {
      extras.put("millrace.yaml", manifest);
    }
    if (labels != null) {
      extras.put("labels.txt", labels);
    }
    return extras;
  }

  private void print(Millrace millrace, VersionDocument version) {
    if (options().json()) {
      printJson(version);
      return;
    }
    say(
        name
            + " version "
            + version.version()
            + "  "
            + version.state()
            + "  "
            + Texts.signature(version.signature()));
    if (!waiting.wanted(terminal())) {
      say("'./millrace status " + name + "' says when it serves.");
    } else if (noTraffic) {
      say(
          "It takes no traffic; call it with './millrace infer "
              + name
              + " --version "
              + version.version()
              + " …'.");
    } else {
      say(terminal().good("serving") + " at " + millrace.url() + "/v2/models/" + name + "/infer");
    }
  }
}
