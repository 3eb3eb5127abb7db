package dev.millrace.registry.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.registry.RegistryOptions;
import dev.millrace.registry.bundle.UploadLimits;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;

class RegistrySettingsTest {
  private static final Path DATA = Path.of("data").toAbsolutePath();
  private static final String TOKEN = "a token of the tests";

  private static final Map<String, String> EVERY_KEY =
      Map.of(
          "millrace.registry.max-upload-size", "3M",
          "millrace.registry.member-ttl", "4s",
          "millrace.registry.settle", "5s",
          "millrace.registry.replicas", "6",
          "millrace.registry.verdict-patience", "7s",
          "millrace.registry.print-key", "false");

  private static final RegistrySettings EVERY_SETTING =
      new RegistrySettings(
          DATA,
          TOKEN,
          false,
          new RegistryOptions(
              new UploadLimits(3 << 20, UploadLimits.DEFAULT.maxFiles()),
              Duration.ofSeconds(4),
              Duration.ofSeconds(5),
              6,
              Duration.ofSeconds(7)));

  private static RegistrySettings settings(ConfigSource source, String token) {
    var config =
        new SmallRyeConfigBuilder()
            .withConverter(Duration.class, 200, new DurationConverter())
            .withConverter(MemorySize.class, 200, new MemorySizeConverter())
            .withMapping(RegistryConfig.class)
            .withSources(source)
            .build()
            .getConfigMapping(RegistryConfig.class);
    return RegistrySettings.of(config, DATA, token);
  }

  private static RegistrySettings settings(Map<String, String> values) {
    return settings(new PropertiesConfigSource(values, "test", 500), TOKEN);
  }

  @Test
  void hasTheDocumentedDefaults() {
    assertThat(settings(Map.of()))
        .isEqualTo(
            new RegistrySettings(
                DATA,
                TOKEN,
                true,
                new RegistryOptions(
                    new UploadLimits(8L << 30, UploadLimits.DEFAULT.maxFiles()),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    1,
                    Duration.ofMinutes(5))));
  }

  @Test
  void mapsEveryKey() {
    var known = new HashMap<>(RegistryKeys.all().defaults());
    known.keySet().removeIf(key -> !key.startsWith("millrace.registry."));
    known.remove("millrace.registry.url");
    assertThat(EVERY_KEY.keySet()).isEqualTo(known.keySet());
    assertThat(settings(EVERY_KEY)).isEqualTo(EVERY_SETTING);
  }

  @Test
  void takesEveryKeyFromTheEnvironment() {
    var variables = new HashMap<String, String>();
    EVERY_KEY.forEach(
        (key, value) -> variables.put(key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT), value));
    assertThat(settings(new EnvConfigSource(variables, 300), TOKEN)).isEqualTo(EVERY_SETTING);
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() -> settings(Map.of("millrace.registry.replicas", "0")))
        .hasMessageContaining("replicas: 0 (expected: at least 1)");
    assertThatThrownBy(() -> settings(Map.of("millrace.registry.member-ttl", "0s")))
        .hasMessageContaining("(expected: more than 0)");
    assertThatThrownBy(() -> settings(new PropertiesConfigSource(Map.of(), "test", 500), "short"))
        .hasMessageStartingWith("millrace.cluster.token: missing or too short");
  }

  @Test
  void theTokenIsNotPrinted() {
    assertThat(settings(Map.of()).toString()).doesNotContain(TOKEN);
  }
}
