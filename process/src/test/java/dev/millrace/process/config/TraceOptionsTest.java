package dev.millrace.process.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;

class TraceOptionsTest {
  private static final Map<String, String> EVERY_KEY =
      Map.of(
          "millrace.telemetry.traces.enabled", "true",
          "millrace.telemetry.traces.endpoint", "https://collector:443/v1/traces",
          "millrace.telemetry.traces.ratio", "0.5",
          "millrace.telemetry.traces.export-timeout", "3s");

  private static final TraceOptions EVERY_OPTION =
      new TraceOptions(
          true, URI.create("https://collector:443/v1/traces"), 0.5, Duration.ofSeconds(3));

  private static TraceOptions options(ConfigSource source) {
    return TraceOptions.of(
        new SmallRyeConfigBuilder()
            .withConverter(Duration.class, 200, new DurationConverter())
            .withMapping(TraceConfig.class)
            .withSources(source)
            .build()
            .getConfigMapping(TraceConfig.class));
  }

  private static TraceOptions options(Map<String, String> values) {
    return options(new PropertiesConfigSource(values, "test", 500));
  }

  @Test
  void hasTheDocumentedDefaults() {
    assertThat(options(Map.of()))
        .isEqualTo(
            new TraceOptions(
                false,
                URI.create("http://localhost:4318/v1/traces"),
                0.01,
                Duration.ofSeconds(10)));
  }

  @Test
  void mapsEveryKey() {
    assertThat(EVERY_KEY.keySet()).isEqualTo(ConfigKeys.of(TraceConfig.class).defaults().keySet());
    assertThat(options(EVERY_KEY)).isEqualTo(EVERY_OPTION);
  }

  @Test
  void takesEveryKeyFromTheEnvironment() {
    var variables = new java.util.HashMap<String, String>();
    EVERY_KEY.forEach((key, value) -> variables.put(UnknownKeys.variable(key), value));
    assertThat(options(new EnvConfigSource(variables, 300))).isEqualTo(EVERY_OPTION);
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() -> options(Map.of("millrace.telemetry.traces.ratio", "2")))
        .hasMessage("millrace.telemetry.traces.ratio: 2.0 (expected: 0 to 1)");
    assertThatThrownBy(
            () -> options(Map.of("millrace.telemetry.traces.endpoint", "localhost:4318")))
        .hasMessageStartingWith(
            "millrace.telemetry.traces.endpoint: localhost:4318 (expected: an http");
    assertThatThrownBy(() -> options(Map.of("millrace.telemetry.traces.export-timeout", "0s")))
        .hasMessageContaining("millrace.telemetry.traces.export-timeout: PT0S");
  }
}
