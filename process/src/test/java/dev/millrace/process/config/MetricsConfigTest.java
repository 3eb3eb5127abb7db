package dev.millrace.process.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsConfigTest {
  private static final Map<String, String> EVERY_KEY =
      Map.of("millrace.telemetry.metrics.histograms", "false");

  private static MetricsConfig config(Map<String, String> values) {
    return new SmallRyeConfigBuilder()
        .withMapping(MetricsConfig.class)
        .withSources(new PropertiesConfigSource(values, "test", 500))
        .build()
        .getConfigMapping(MetricsConfig.class);
  }

  @Test
  void hasTheDocumentedDefaults() {
    assertThat(config(Map.of()).histograms()).isTrue();
  }

  @Test
  void mapsEveryKey() {
    assertThat(EVERY_KEY.keySet())
        .isEqualTo(ConfigKeys.of(MetricsConfig.class).defaults().keySet());
    assertThat(ProcessKeys.all().defaults())
        .containsKeys(EVERY_KEY.keySet().toArray(String[]::new));
    assertThat(config(EVERY_KEY).histograms()).isFalse();
  }
}
