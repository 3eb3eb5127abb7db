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
import java.util.Objects;
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
      "  ./millrace deploy linear next.onnx --no-traffic    look at it first: infer --version",
      "  ./millrace deploy linear --version 2               then send it the traffic",
      "",
      "Exit codes: 1 the version was rejected, 5 it does not serve in time."
    })
final class DeployCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The model and its endpoint.")
  private String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "An .onnx file, a .tar bundle, or a folder with a bundle's files.")
  private @Nullable Path file;

  @Option(
      names = "--version",
      paramLabel = "NUMBER",
      description = "A version that was uploaded before, instead of FILE.")
  private @Nullable Integer uploaded;

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
      description =
          "Leave the traffic where it is; the version is loaded and can be called by its number.")
  private boolean noTraffic;

  @Mixin private Waiting waiting = new Waiting();

  DeployCommand(MillraceCommand root, Terminal terminal) {
    super(root, terminal);
  }

  @Override
  public Integer call() throws InterruptedException {
    if ((file == null) == (uploaded == null)) {
      terminal().err().println("millrace: give a FILE to upload, or --version with its number");
      return ExitCode.USAGE;
    }
    var progress = new Progress(terminal());
    try (Millrace millrace = connect()) {
      var deployment = new Deployment(millrace.control(), progress, name);
      VersionDocument version = version(deployment);
      boolean endpoint =
          noTraffic
              ? deployment.loadOnly(version.version())
              : deployment.switchTo(version.version()).revision() > 0;
      if (waiting.wanted(terminal())) {
        version = deployment.awaitReady(version.version(), waiting.timeout());
        if (endpoint) {
          deployment.awaitServing(waiting.timeout());
        }
        progress.clear();
      }
      print(millrace, version, endpoint);
      return ExitCode.OK;
    } finally {
      progress.clear();
    }
  }

  private VersionDocument version(Deployment deployment) {
    if (uploaded != null) {
      return deployment.uploaded(uploaded);
    }
    try (Bundle bundle = Bundle.of(Objects.requireNonNull(file), extras())) {
      return deployment.upload(bundle.file());
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

  private void print(Millrace millrace, VersionDocument version, boolean endpoint) {
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
    boolean waited = waiting.wanted(terminal());
    if (noTraffic) {
      sayWithoutTraffic(version.version(), endpoint, waited);
    } else if (waited) {
      say(terminal().good("serving") + " at " + millrace.url() + "/v2/models/" + name + "/infer");
    } else {
      say("'./millrace status " + name + "' says when it serves.");
    }
  }

  private void sayWithoutTraffic(int version, boolean endpoint, boolean waited) {
    String number = name + " --version " + version;
    if (!endpoint) {
      say("It is not loaded: nothing serves '" + name + "' yet.");
    } else if (waited) {
      say("It takes no traffic; call it with './millrace infer " + number + " …'.");
    } else {
      say("It takes no traffic; './millrace status " + name + "' says when it is loaded.");
    }
    say("'./millrace deploy " + number + "' sends it the traffic.");
  }
}
