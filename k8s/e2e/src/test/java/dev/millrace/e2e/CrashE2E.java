package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.Rollouts;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} where it hurts, then a restart on the same data. */
class CrashE2E {
  @TempDir Path directory;

  @Test
  void anUploadCutByKillLeavesNothingVisibleAndCanBeRepeated() throws Exception {
    Path file = Files.write(directory.resolve("kept.onnx"), TinyModels.linear(4, 3));
    byte[] large = new byte[8 << 20];
    new Random(7).nextBytes(large);
    try (var platform = Platform.standalone(directory);
        var client = connect(platform)) {
      Rollouts.deploy(client, "kept", file);
      try (var upload = halfAnUpload(platform, large)) {
        awaitStaged(directory.resolve("data"));
        platform.gateway().kill();
        assertThat(upload.isConnected()).isTrue();
      }
    }

    try (var platform = Platform.standalone(directory);
        var client = connect(platform)) {
      assertThat(client.control().models()).extracting("name").containsExactly("kept");
      assertThat(staged(directory.resolve("data"))).isEmpty();
      Awaitility.await("the acknowledged endpoint serves again")
          .until(() -> client.endpoint("kept").ready());
      assertThat(
              client
                  .endpoint("kept")
                  .infer(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4))
                  .version())
          .isEqualTo("1");

      Rollouts.deploy(client, "cut", file);
      assertThat(client.control().versions("cut")).hasSize(1);
    }
  }

  @Test
  void aDeployCutByKillGoesOnAfterTheRestart() throws Exception {
    Path first = Files.write(directory.resolve("v1.onnx"), TinyModels.linear(4, 3));
    Path second = Files.write(directory.resolve("v2.onnx"), TinyModels.linear(4, 2));
    try (var platform = Platform.standalone(directory);
        var client = connect(platform)) {
      Rollouts.deploy(client, "model", first);
      var version =
          client.control().uploadVersion("model", second, dev.millrace.client.UploadListener.NONE);
      client
          .control()
          .putEndpoint(
              "model",
              new EndpointSpec("model", version.version(), null, null, null),
              OptionalLong.empty());
      // Acknowledged a moment ago; neither admitted nor loaded with any certainty.
      platform.gateway().kill();
    }

    try (var platform = Platform.standalone(directory);
        var client = connect(platform)) {
      Rollouts.awaitVersion(client, "model", "2");
      Awaitility.await("version 2 answers").until(() -> client.endpoint("model").ready());
      assertThat(
              client
                  .endpoint("model")
                  .infer(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4))
                  .version())
          .isEqualTo("2");
    }
  }

  private static Millrace connect(Platform platform) {
    return Millrace.connect(platform.url().toString(), Credentials.apiKey(platform.key()));
  }

  /** Announces the whole body, sends the first half, and stays connected. */
  private static Socket halfAnUpload(Platform platform, byte[] body) throws IOException {
    var socket = new Socket(platform.url().getHost(), platform.url().getPort());
    var out = socket.getOutputStream();
    out.write(
        ("POST /api/v1/models/cut/versions HTTP/1.1\r\n"
                + "Host: localhost\r\n"
                + "Authorization: Bearer "
                + platform.key()
                + "\r\nContent-Type: application/octet-stream\r\nContent-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.write(body, 0, body.length / 2);
    out.flush();
    return socket;
  }

  private static void awaitStaged(Path data) {
    Awaitility.await("the upload is being written").until(() -> !staged(data).isEmpty());
  }

  /** Files that are neither the database nor finished artifacts. */
  private static List<Path> staged(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> data.relativize(file).toString().contains("stag"))
          .toList();
    }
  }
}
