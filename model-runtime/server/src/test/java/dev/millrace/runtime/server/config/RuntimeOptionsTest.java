package dev.millrace.runtime.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;

class RuntimeOptionsTest {
  private static final Map<String, String> EVERY_KEY =
      Map.ofEntries(
          Map.entry("millrace.runtime.routes", "false"),
          Map.entry("millrace.runtime.member-id", "me"),
          Map.entry("millrace.runtime.pool", "h100"),
          Map.entry("millrace.runtime.hardware-class", "h100-80"),
          Map.entry("millrace.runtime.advertised-host", "10.0.0.7"),
          Map.entry("millrace.runtime.cache-directory", "/cache"),
          Map.entry("millrace.runtime.max-body-size", "2M"),
          Map.entry("millrace.runtime.drain-timeout", "5s"),
          Map.entry("millrace.runtime.call-timeout", "7s"),
          Map.entry("millrace.runtime.unload-delay", "8s"),
          Map.entry("millrace.runtime.report-interval", "1s"),
          Map.entry("millrace.runtime.engine-threads", "3"),
          Map.entry("millrace.runtime.engine-options.device", "cuda"),
          Map.entry("millrace.runtime.global-threads", "2"),
          Map.entry("millrace.runtime.memory-budget", "3G"),
          Map.entry("millrace.runtime.sequences.idle-timeout", "11s"),
          Map.entry("millrace.runtime.sequences.limit", "12"),
          Map.entry("millrace.runtime.sequences.memory", "13M"),
          Map.entry("millrace.runtime.idle-after", "10m"),
          Map.entry("millrace.runtime.artifact-cache-size", "5G"),
          Map.entry("millrace.runtime.optimized-cache-size", "0"),
          Map.entry("millrace.runtime.response-cache-size", "7M"),
          Map.entry("millrace.runtime.grpc.host", "::1"),
          Map.entry("millrace.runtime.grpc.port", "9"),
          Map.entry("millrace.runtime.batching.max-batch", "4"),
          Map.entry("millrace.runtime.batching.max-queue", "5"),
          Map.entry("millrace.runtime.batching.max-delay", "6s"));

  private static final RuntimeOptions EVERY_OPTION =
      new RuntimeOptions(
          new RuntimeOptions.Member("me", "h100", "h100-80", "10.0.0.7", Duration.ofSeconds(1)),
          new RuntimeOptions.Listen(false, "::1", 9, ""),
          Path.of("/cache"),
          new RuntimeOptions.Limits(
              2 << 20, Duration.ofSeconds(5), Duration.ofSeconds(7), Duration.ofSeconds(8)),
          3,
          new BatchingOptions(4, 5, Duration.ofSeconds(6)),
          new EngineDefaults(
              Map.of("device", "cuda"),
              2,
              3L << 30,
              Duration.ofMinutes(10),
              new EngineDefaults.Disk(5L << 30, 0)));

  private static RuntimeOptions options(Map<String, String> values, String token) {
    return options(new PropertiesConfigSource(values, "test", 500), token);
  }

  private static RuntimeOptions options(ConfigSource source, String token) {
    return new RuntimeOptionsProducer()
        .options(config(source), Path.of("data"), Optional.ofNullable(token));
  }

  private static RuntimeConfig config(ConfigSource source) {
    return new SmallRyeConfigBuilder()
        .withConverter(Duration.class, 200, new DurationConverter())
        .withConverter(
            io.quarkus.runtime.configuration.MemorySize.class, 200, new MemorySizeConverter())
        .withMapping(RuntimeConfig.class)
        .withSources(source)
        .build()
        .getConfigMapping(RuntimeConfig.class);
  }

  private static CacheOptions caches(Map<String, String> values) {
    return new RuntimeOptionsProducer()
        .caches(config(new PropertiesConfigSource(values, "test", 500)));
  }

  @Test
  void keptAnswersMayTakeAnEighthOfTheHeap() {
    assertThat(caches(Map.of())).isEqualTo(new CacheOptions(Runtime.getRuntime().maxMemory() / 8));
    assertThat(caches(EVERY_KEY)).isEqualTo(new CacheOptions(7 << 20));
  }

  @Test
  void hasTheDocumentedDefaults() {
    RuntimeOptions options = options(Map.of(), "secret");

    assertThat(options.member().id()).matches(".+-[0-9]+-[0-9a-f]{6}");
    assertThat(options.member().pool()).isEqualTo("cpu");
    assertThat(options.member().hardwareClass()).isEqualTo("cpu");
    assertThat(options.member().advertisedHost()).isEqualTo("127.0.0.1");
    assertThat(options.member().reportInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(options.listen())
        .isEqualTo(new RuntimeOptions.Listen(true, "0.0.0.0", 8082, "secret"));
    assertThat(options.cacheDirectory()).isEqualTo(Path.of("data/cache").toAbsolutePath());
    assertThat(options.limits())
        .isEqualTo(
            new RuntimeOptions.Limits(
                64 << 20, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(5)));
    assertThat(options.batching()).isEqualTo(new BatchingOptions(32, 512, Duration.ZERO));
    assertThat(options.engineThreads()).isPositive();
    assertThat(options.engine().options()).isEmpty();
    assertThat(options.engine().globalThreads()).isZero();
    assertThat(options.engine().idleAfter()).isNull();
    assertThat(options.engine().memoryBudget()).isEqualTo(MemoryLimits.forModels());
    assertThat(options.engine().disk()).isEqualTo(new EngineDefaults.Disk(20L << 30, 4L << 30));
  }

  @Test
  void mapsEveryKey() {
    assertThat(keysWithoutAdmission()).isEqualTo(EVERY_KEY.keySet());
    assertThat(options(EVERY_KEY, null)).isEqualTo(EVERY_OPTION);
  }

  /** Keys of {@code admission} are turned into options of their own. */
  private static Set<String> keysWithoutAdmission() {
    var known = new HashSet<String>();
    for (String key : RuntimeKeys.all().defaults().keySet()) {
      if (key.startsWith("millrace.runtime.") && !key.startsWith("millrace.runtime.admission.")) {
        known.add(key.replace("*", "device"));
      }
    }
    return known;
  }

  @Test
  void takesEveryKeyFromTheEnvironment() {
    var variables = new HashMap<String, String>();
    EVERY_KEY.forEach(
        (key, value) -> variables.put(key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT), value));

    assertThat(options(new EnvConfigSource(variables, 300), null)).isEqualTo(EVERY_OPTION);
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() -> options(Map.of(), null))
        .hasMessageContaining("millrace.cluster.token: missing");
    assertThatThrownBy(() -> options(Map.of("millrace.runtime.batching.max-batch", "0"), "secret"))
        .hasMessage("millrace.runtime.batching.max-batch: 0 (expected: at least 1 row)");
    assertThatThrownBy(() -> options(Map.of("millrace.runtime.report-interval", "9s"), "secret"))
        .hasMessageContaining("report-interval");
    assertThatThrownBy(
            () -> options(Map.of("millrace.runtime.engine-options.devise", "cpu"), "secret"))
        .hasMessageStartingWith(
            "millrace.runtime.engine-options: option 'devise': unknown (expected: 'device'?");
  }

  @Test
  void modelsGetAShareOfWhatTheHeapLeaves() {
    assertThat(MemoryLimits.forModels(10L << 30, 2L << 30)).isEqualTo(6L << 30);
    assertThat(MemoryLimits.forModels(1L << 30, 2L << 30)).isEqualTo(64L << 20);
  }

  @Test
  void theTokenIsNotPrinted() {
    assertThat(options(Map.of(), "secret").toString()).doesNotContain("secret");
  }
}
