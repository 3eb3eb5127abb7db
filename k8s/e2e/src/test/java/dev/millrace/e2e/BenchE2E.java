package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.control.ControlJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./millrace bench} runs and its figures are sane; how fast is not asked here. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BenchE2E {
  @TempDir Path directory;

  @Test
  void aTinyRunMeasuresTheBuiltPlatform() throws Exception {
    Path report = directory.resolve("report.json");

    int status =
        bench(
            "tiny-http-json",
            "tiny-grpc",
            "--quick",
            "--seconds",
            "1",
            "--warm-up",
            "1",
            "--json",
            report.toString());

    assertThat(status).withFailMessage(this::log).isZero();
    JsonNode results = ControlJson.lenient().readTree(report.toFile()).path("results");
    assertThat(results.findValuesAsText("name")).containsExactly("tiny-http-json", "tiny-grpc");
    for (JsonNode result : results) {
      JsonNode round = result.path("rounds").path(0);
      assertThat(result.path("value").asDouble()).isPositive();
      assertThat(result.path("ratio").asDouble()).isPositive();
      assertThat(round.path("server").path("wrong").asLong()).isZero();
      assertThat(round.path("server").path("errors").asLong()).isZero();
      assertThat(round.path("baselineServer").path("answers").asLong()).isPositive();
    }
  }

  private int bench(String... arguments) throws Exception {
    Path root = Path.of(System.getProperty("millrace.root"));
    var command = new ArrayList<>(List.of(root.resolve("millrace").toString(), "bench"));
    command.addAll(List.of(arguments));
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("bench.log").toFile());
    // What is under test is what this build made; a second build inside it would wait for itself.
    builder.environment().put("MILLRACE_NO_BUILD", "1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    try {
      return process.waitFor();
    } finally {
      process.destroy();
    }
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("bench.log"), StandardCharsets.UTF_8);
    } catch (java.io.IOException e) {
      return "no log: " + e;
    }
  }
}
