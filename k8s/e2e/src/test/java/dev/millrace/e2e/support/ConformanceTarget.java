package dev.millrace.e2e.support;

import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.testkit.bundle.TarBytes;
import dev.millrace.testkit.oip.OipTarget;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A running platform that serves the model which the conformance suite asks for. */
public final class ConformanceTarget implements AutoCloseable {
  private static final String ENDPOINT = "conformance";

  /** Serves {@link TinyModels#runningSum}, which keeps its sum within a sequence. */
  private static final String STATEFUL = "stateful";

  /** Is unloaded and loaded again. */
  private static final String COMES_AND_GOES = "comes-and-goes";

  /** A model without an endpoint. */
  public static final String UNSERVED = "unserved";

  /** Serves {@link TypedModel}. */
  public static final String TYPED = "typed";

  private final Platform platform;

  private ConformanceTarget(Platform platform, Path directory) throws IOException {
    this.platform = platform;
    Path model = Files.write(directory.resolve("linear.onnx"), TinyModels.linear(4, 3));
    try (var client =
        Millrace.connect(platform.url().toString(), Credentials.apiKey(platform.key()))) {
      Rollouts.deploy(client, ENDPOINT, model);
      Rollouts.deploy(client, COMES_AND_GOES, model);
      Rollouts.uploadReady(client, UNSERVED, model);
      Path typed = Files.write(directory.resolve("typed.onnx"), TypedModel.onnx());
      Rollouts.deploy(client, TYPED, typed);
      byte[] manifest = "states: {state: next}\n".getBytes(StandardCharsets.UTF_8);
      Path stateful =
          Files.write(
              directory.resolve("stateful.tar"),
              new TarBytes()
                  .file("model.onnx", TinyModels.runningSum())
                  .file("millrace.yaml", manifest)
                  .end());
      Rollouts.deploy(client, STATEFUL, stateful);
    }
  }

  /** The platform in one process. */
  public static ConformanceTarget standalone(Path directory) throws IOException {
    return new ConformanceTarget(Platform.standalone(directory), directory);
  }

  /** Registry, runtime and gateway, each a process of its own. */
  public static ConformanceTarget threeProcesses(Path directory) throws IOException {
    return new ConformanceTarget(Platform.threeProcesses(directory), directory);
  }

  /** Where the suite aims. */
  public OipTarget target() {
    return OipTarget.of(platform.url(), platform.key(), ENDPOINT);
  }

  /** Where the suite of sequences aims. */
  public OipTarget sequenceTarget() {
    return OipTarget.of(platform.url(), platform.key(), STATEFUL);
  }

  /** Where the suite of the repository aims. */
  public OipTarget repositoryTarget() {
    return OipTarget.of(platform.url(), platform.key(), COMES_AND_GOES);
  }

  /** The platform behind the target. */
  public Platform platform() {
    return platform;
  }

  @Override
  public void close() {
    platform.close();
  }
}
