package dev.millrace.gateway.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.server.config.GatewayOptions.AccessLogFormat;
import dev.millrace.gateway.server.config.GatewayOptions.Authentication;
import dev.millrace.gateway.server.config.GatewayOptions.ControlMode;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayOptionsTest {
  private static final Map<String, String> EVERY_KEY =
      Map.ofEntries(
          Map.entry("millrace.gateway.auth", "none"),
          Map.entry("millrace.gateway.control", "local"),
          Map.entry("millrace.gateway.max-body-size", "2M"),
          Map.entry("millrace.gateway.default-timeout", "5s"),
          Map.entry("millrace.gateway.longest-stream", "9s"),
          Map.entry("millrace.gateway.drain-timeout", "6s"),
          Map.entry("millrace.gateway.access-log", "true"),
          Map.entry("millrace.gateway.access-log-format", "json"),
          Map.entry("millrace.gateway.connect-timeout", "7s"),
          Map.entry("millrace.gateway.connections-per-replica", "8"),
          Map.entry("millrace.gateway.cors.origins", "https://a.example,http://localhost:3000"),
          Map.entry("millrace.gateway.cors.max-age", "5m"),
          Map.entry("millrace.gateway.compression.enabled", "false"),
          Map.entry("millrace.gateway.compression.min-size", "9K"));

  private static final GatewayOptions EVERY_OPTION =
      new GatewayOptions(
          Authentication.NONE,
          ControlMode.LOCAL,
          2 << 20,
          Duration.ofSeconds(5),
          Duration.ofSeconds(9),
          Duration.ofSeconds(6),
          Optional.of(AccessLogFormat.JSON),
          Duration.ofSeconds(7),
          8,
          new CorsOptions(
              Set.of("https://a.example", "http://localhost:3000"), Duration.ofMinutes(5)),
          new CompressionOptions(false, 9 << 10));

  private static GatewayOptions options(ConfigSource source) {
    return GatewayOptions.of(
        new SmallRyeConfigBuilder()
            .withConverter(Duration.class, 200, new DurationConverter())
            .withConverter(MemorySize.class, 200, new MemorySizeConverter())
            .withMapping(GatewayConfig.class)
            .withSources(source)
            .build()
            .getConfigMapping(GatewayConfig.class));
  }

  private static GatewayOptions options(Map<String, String> values) {
    return options(new PropertiesConfigSource(values, "test", 500));
  }

  @Test
  void hasTheDocumentedDefaults() {
    assertThat(options(Map.of()))
        .isEqualTo(
            new GatewayOptions(
                Authentication.KEYS,
                ControlMode.PROXY,
                64 << 20,
                Duration.ofSeconds(30),
                Duration.ofHours(24),
                Duration.ofSeconds(30),
                Optional.empty(),
                Duration.ofSeconds(1),
                512,
                CorsOptions.OFF,
                CompressionOptions.DEFAULT));
  }

  @Test
  void mapsEveryKey() {
    var known = new HashMap<>(GatewayKeys.all().defaults());
    known.keySet().removeIf(key -> !key.startsWith("millrace.gateway."));
    assertThat(EVERY_KEY.keySet()).isEqualTo(known.keySet());
    assertThat(options(EVERY_KEY)).isEqualTo(EVERY_OPTION);
  }

  @Test
  void takesEveryKeyFromTheEnvironment() {
    var variables = new HashMap<String, String>();
    EVERY_KEY.forEach(
        (key, value) -> variables.put(key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT), value));
    assertThat(options(new EnvConfigSource(variables, 300))).isEqualTo(EVERY_OPTION);
  }

  @ParameterizedTest
  @CsvSource({
    "max-body-size, 1, 1K to 2G",
    "max-body-size, 3G, 1K to 2G",
    "default-timeout, 0s, more than 0",
    "connect-timeout, 0s, more than 0",
    "drain-timeout, -1s, 0 or more",
    "connections-per-replica, 0, 1 or more",
    "cors.max-age, -1s, 0 or more",
    "compression.min-size, 0, 1 or more"
  })
  void saysWhatIsWrong(String key, String value, String expected) {
    assertThatThrownBy(() -> options(Map.of("millrace.gateway." + key, value)))
        .hasMessageStartingWith("millrace.gateway." + key + ": ")
        .hasMessageEndingWith("(expected: " + expected + ")");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "app.example", "https://app.example/", "https://*.example"})
  void saysHowOriginsAreWritten(String origin) {
    assertThatThrownBy(() -> options(Map.of("millrace.gateway.cors.origins", origin)))
        .hasMessageStartingWith("millrace.gateway.cors.origins: " + origin)
        .hasMessageContaining("such as https://app.example.com");
  }

  @Test
  void theTokenIsNeededAndNotPrinted() {
    var producer = new OptionsProducer();
    var data = Path.of("data");
    var registry = URI.create("http://localhost:8090");
    assertThatThrownBy(() -> producer.cluster(data, registry, Optional.of(" ")))
        .hasMessageStartingWith("millrace.cluster.token: missing (expected: the secret");
    assertThat(producer.cluster(data, registry, Optional.of("s3cret")).toString())
        .isEqualTo("ClusterOptions[data=data, registryUrl=http://localhost:8090]");
  }
}
