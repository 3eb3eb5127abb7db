package dev.millrace.runtime.server.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.runtime.server.config.RuntimeConfig;
import dev.millrace.runtime.server.config.RuntimeConfig.AdmissionMode;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdmissionOptionsTest {
  @Test
  void hasTheDocumentedDefaults() {
    AdmissionOptions options = options(Map.of());

    assertThat(options.mode()).isEqualTo(AdmissionMode.CHILD);
    assertThat(options.timeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(options.memoryBytes()).isGreaterThanOrEqualTo(512L << 20);
    assertThat(options.profileTime()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void mapsEveryKey() {
    assertThat(
            options(
                Map.of(
                    "millrace.runtime.admission.mode", "in-process",
                    "millrace.runtime.admission.timeout", "9s",
                    "millrace.runtime.admission.memory", "200M",
                    "millrace.runtime.admission.profile-time", "8s")))
        .isEqualTo(
            new AdmissionOptions(
                AdmissionMode.IN_PROCESS,
                Duration.ofSeconds(9),
                200L << 20,
                Duration.ofSeconds(8)));
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() -> options(Map.of("millrace.runtime.admission.timeout", "0s")))
        .hasMessage("millrace.runtime.admission.timeout: PT0S (expected: at least 1 s)");
    assertThatThrownBy(() -> options(Map.of("millrace.runtime.admission.memory", "5")))
        .hasMessage("millrace.runtime.admission.memory: 5 (expected: at least 128 MiB)");
    assertThatThrownBy(() -> options(Map.of("millrace.runtime.admission.profile-time", "2M")))
        .hasMessageStartingWith("millrace.runtime.admission.profile-time: PT2M (expected: ");
  }

  private static AdmissionOptions options(Map<String, String> values) {
    var config =
        new SmallRyeConfigBuilder()
            .withConverter(
                Duration.class, 200, new io.quarkus.runtime.configuration.DurationConverter())
            .withConverter(MemorySize.class, 200, new MemorySizeConverter())
            .withMapping(RuntimeConfig.class)
            .withSources(new PropertiesConfigSource(values, "test", 500))
            .build()
            .getConfigMapping(RuntimeConfig.class);
    return new AdmissionOptionsProducer().options(config);
  }
}
