package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.e2e.support.BenchRun;
import dev.millrace.protocol.control.ControlJson;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A minute of use: calls all the while, models that come, move and go. Every call is answered
 * rightly and nothing is left behind; how fast is not asked here.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "looks at the process through /proc")
@Timeout(value = 8, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SoakE2E {
  @TempDir Path directory;

  @Test
  void aMinuteOfMovingModelsLeavesNothingBehind() throws Exception {
    Path report = directory.resolve("soak.json");

    var bench = new BenchRun(directory);

    int status =
        bench.run("soak", "--minutes", "1", "--warm-up", "10", "--json", report.toString());

    assertThat(status).withFailMessage(bench::log).isZero();
    JsonNode soak = ControlJson.lenient().readTree(report.toFile());
    assertThat(soak.path("problems")).isEmpty();
    assertThat(soak.path("load").path("answers").asLong()).isPositive();
    assertThat(soak.path("load").path("errors").asLong()).isZero();
    assertThat(soak.path("load").path("wrong").asLong()).isZero();
    assertThat(soak.path("cycles").asLong()).isGreaterThan(10);
    assertThat(soak.path("watched").asLong()).isGreaterThan(100);
    assertThat(soak.path("growth")).hasSize(6).noneMatch(each -> each.path("leaks").asBoolean());
  }
}
