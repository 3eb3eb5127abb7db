package dev.millrace.registry.server.crash;

import static dev.millrace.registry.server.crash.CrashingRegistry.ACKNOWLEDGED;
import static dev.millrace.registry.server.crash.CrashingRegistry.HALF;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.paging.PageRequest;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * kill -9 of a process that holds the registry's store: what was acknowledged is there, no more.
 */
@Timeout(120)
class RegistryCrashIT {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"acknowledged 1", "acknowledged 7", "half"})
  void nothingAcknowledgedIsLostAndNothingHalfIsVisible(String killAt) throws Exception {
    int acknowledged = killedAt(killAt);

    var restarted = CrashingRegistry.open(folder);
    var started = restarted.start(key -> {});

    assertThat(started.firstKey()).isEmpty();
    var versions = restarted.versions().list(ACKNOWLEDGED, PageRequest.FIRST).items();
    // One more may have been committed between the line that was read and the kill.
    assertThat(versions).hasSizeGreaterThanOrEqualTo(acknowledged);
    for (var version : versions) {
      for (var artifact : version.artifacts()) {
        try (var content = restarted.blobs().open(artifact.digest())) {
          assertThat(content.readAllBytes()).hasSize((int) artifact.size());
        }
      }
    }
    assertThat(restarted.endpoints().get("default", "acknowledged").spec().version())
        .isGreaterThanOrEqualTo(acknowledged);
    assertThatThrownBy(() -> restarted.models().get(HALF)).isInstanceOf(MillraceException.class);
    try (var staged = Files.list(folder.resolve("blobs").resolve("staged"))) {
      assertThat(staged).isEmpty();
    }
    assertThat(restarted.blobs().digests()).hasSize(versions.size());

    var again = new ByteArrayInputStream(TinyModels.linear(64, 64));
    assertThat(restarted.uploads().upload(HALF, again, null).created()).isTrue();
    restarted.close();
  }

  /** Runs the process until it says {@code line}, kills it; how many writes it acknowledged. */
  private int killedAt(String line) throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                List.of(
                    java,
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    CrashingRegistry.class.getName(),
                    folder.toString(),
                    "8"))
            .redirectError(new File(folder.toFile(), "stderr"))
            .start();
    int acknowledged = 0;
    try (BufferedReader said = process.inputReader()) {
      String next = said.readLine();
      while (next != null && !next.equals(line)) {
        acknowledged += next.startsWith("acknowledged") ? 1 : 0;
        next = said.readLine();
      }
      assertThat(next).as(Files.readString(folder.resolve("stderr"))).isEqualTo(line);
      acknowledged += line.startsWith("acknowledged") ? 1 : 0;
      process.destroyForcibly();
    }
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return acknowledged;
  }
}
