package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.e2e.support.BenchRun;
import dev.millrace.protocol.control.ControlJson;
import java.nio.file.Path;
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

    var bench = new BenchRun(directory);

    int status =
        bench.run(
            "tiny-http-json",
            "tiny-grpc",
            "--quick",
            "--seconds",
            "1",
            "--warm-up",
            "1",
            "--json",
            report.toString());

    assertThat(status).withFailMessage(bench::log).isZero();
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
}
