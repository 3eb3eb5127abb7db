package dev.millrace.e2e.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.Millrace;
import dev.millrace.client.UploadListener;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.awaitility.Awaitility;

/** What {@code millrace deploy --wait} does, for tests. */
public final class Rollouts {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Rollouts() {}

  /** Uploads a version and waits until all traffic goes to it. */
  public static VersionDocument deploy(Millrace client, String name, Path file) {
    return deploy(client, name, file, null);
  }

  /** The same, served in that way. */
  public static VersionDocument deploy(
      Millrace client, String name, Path file, ServingSpec serving) {
    var version = client.control().uploadVersion(name, file, UploadListener.NONE);
    client
        .control()
        .putEndpoint(
            name,
            new EndpointSpec(name, version.version(), null, serving, null),
            OptionalLong.empty());
    Awaitility.await(name + " serves version " + version.version())
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              var status = client.control().status(name);
              assertThat(status.traffic())
                  .as("traffic; waiting for: %s", status.waitingFor())
                  .containsExactly(new TrafficTarget(version.version(), 100));
              assertThat(client.endpoint(name).ready()).isTrue();
            });
    return version;
  }

  /** Uploads a version and waits until it has passed admission; nothing serves it. */
  public static void uploadReady(Millrace client, String model, Path file) {
    var version = client.control().uploadVersion(model, file, UploadListener.NONE).version();
    Awaitility.await(model + " version " + version + " is ready")
        .atMost(LIMIT)
        .until(() -> client.control().version(model, version).state() == VersionState.READY);
  }

  /** Waits until all traffic goes to a version. */
  public static void awaitVersion(Millrace client, String name, String version) {
    Awaitility.await(name + " serves version " + version)
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(client.control().status(name).traffic())
                    .containsExactly(new TrafficTarget(Integer.parseInt(version), 100)));
  }

  /** Waits until a version is rejected. */
  public static VersionDocument awaitRejected(Millrace client, String model, int version) {
    Awaitility.await(model + " version " + version + " is rejected")
        .atMost(LIMIT)
        .until(() -> client.control().version(model, version).state() == VersionState.REJECTED);
    return client.control().version(model, version);
  }
}
