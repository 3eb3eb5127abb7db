package dev.millrace.runtime.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.server.FakeRegistry;
import dev.millrace.runtime.server.cache.CacheUse.Active;
import dev.millrace.runtime.server.cache.CacheUse.Bypassed;
import dev.millrace.runtime.server.cache.CacheUse.Reason;
import dev.millrace.runtime.server.config.BatchingOptions;
import dev.millrace.runtime.server.config.CacheOptions;
import dev.millrace.runtime.server.config.EngineDefaults;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.CacheMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResponseCachesTest {
  private static final long TOTAL = 1 << 20;

  private final FakeRegistry registry = new FakeRegistry();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ResponseCaches caches =
      new ResponseCaches(options(), new CacheOptions(TOTAL), new CacheMetrics(meters));

  private static RuntimeOptions options() {
    return new RuntimeOptions(
        new RuntimeOptions.Member(
            FakeRegistry.MEMBER, "cpu", "cpu", "127.0.0.1", Duration.ofMillis(100)),
        new RuntimeOptions.Listen(false, "127.0.0.1", 0, ""),
        Path.of("cache"),
        new RuntimeOptions.Limits(
            1 << 20, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ZERO),
        1,
        new BatchingOptions(32, 512, Duration.ZERO),
        new EngineDefaults(
            Map.of(), 0, 1L << 30, null, new EngineDefaults.Disk(1L << 30, 1L << 30)));
  }

  private static ServingSpec cache(String maxBytes) {
    return ServingSpec.DEFAULT.withCache(new ServingSpec.Cache("60s", maxBytes));
  }

  private VersionKey version(String model, Finding deterministic) {
    VersionKey key =
        registry.version(model, ModelManifest.EMPTY, Map.of("model.onnx", new byte[1]));
    registry.measured(key, deterministic);
    return key;
  }

  private void follow() throws InterruptedException {
    Snapshot now =
        registry.snapshot(-1, "", RegistryLink.Audience.RUNTIME, Duration.ZERO).orElseThrow();
    caches.follow(now);
  }

  private ResponseCache active(VersionKey key, String endpoint) {
    assertThat(caches.of(key, endpoint)).isInstanceOf(Active.class);
    return ((Active) caches.of(key, endpoint)).cache();
  }

  private static Passenger<Fresh> join(ResponseCache cache, CacheKey key, VersionKey version) {
    var fresh = new Fresh(new CachedAnswer.Numbers(new float[256]), new BatchTiming(1, 2, 1, 1));
    return cache.join(
        key,
        version,
        0,
        new Ride<>(
            Long.MAX_VALUE,
            () ->
                new Run<>() {
                  @Override
                  public CompletableFuture<Fresh> result() {
                    return CompletableFuture.completedFuture(fresh);
                  }

                  @Override
                  public void cancel() {}
                },
            why -> {}));
  }

  @Test
  void onlyEndpointsThatAskHaveOne() throws Exception {
    VersionKey plain = version("plain", Finding.YES);
    VersionKey cached = version("cached", Finding.YES);
    registry.load(plain, ServingSpec.DEFAULT);
    assertThat(caches.of(plain, "plain")).isEqualTo(CacheUse.OFF);
    registry.load(cached, cache("1Ki"));
    follow();

    assertThat(caches.of(plain, "plain")).isEqualTo(CacheUse.OFF);
    assertThat(caches.of(cached, "cached")).isInstanceOf(Active.class);
    assertThat(caches.of(cached, "another")).isEqualTo(CacheUse.OFF);
  }

  @Test
  void onlyVersionsThatWereMeasuredToBeDeterministicUseIt() throws Exception {
    VersionKey noisy = version("noisy", Finding.NO);
    VersionKey unknown = version("unknown", Finding.UNKNOWN);
    registry.load(noisy, cache("1Ki"));
    registry.load(unknown, cache("1Ki"));
    follow();

    assertThat(((Bypassed) caches.of(noisy, "noisy")).reason()).isEqualTo(Reason.NOT_DETERMINISTIC);
    assertThat(((Bypassed) caches.of(unknown, "unknown")).reason()).isEqualTo(Reason.NOT_MEASURED);

    registry.measured(unknown, Finding.YES);
    follow();
    assertThat(caches.of(unknown, "unknown")).isInstanceOf(Active.class);
  }

  @Test
  void whatIsKeptSurvivesAChangeOfSettingsButNotSwitchingOff() throws Exception {
    VersionKey key = version("m", Finding.YES);
    registry.load(key, cache("100Ki"));
    follow();
    ResponseCache cache = active(key, "m");
    var id = new CacheKey(1, 2, 3, 4);
    assertThat(join(cache, id, key).isPilot()).isTrue();
    assertThat(cache.find(id)).isNotNull();
    assertThat(meters.get("millrace.cache.bytes").gauge().value()).isGreaterThan(1_024);

    registry.load(key, cache("200Ki"));
    follow();
    assertThat(active(key, "m")).isSameAs(cache);
    assertThat(cache.find(id)).isNotNull();

    registry.load(key, ServingSpec.DEFAULT);
    follow();
    assertThat(caches.of(key, "m")).isEqualTo(CacheUse.OFF);
    assertThat(cache.find(id)).isNull();
    assertThat(meters.find("millrace.cache.bytes").gauge()).isNull();
    // Who was on the way with the old one keeps nothing behind.
    join(cache, id, key);
    assertThat(cache.find(id)).isNull();
  }

  @Test
  void whatWasComputedMeanwhileIsNotComputedAgain() throws Exception {
    VersionKey key = version("m", Finding.YES);
    registry.load(key, cache("100Ki"));
    follow();
    ResponseCache cache = active(key, "m");
    var id = new CacheKey(1, 2, 3, 4);

    assertThat(join(cache, id, key).result().join().kept()).isFalse();
    assertThat(join(cache, id, key).result().join().kept()).isTrue();
  }

  @Test
  void twoEndpointsOfOneVersionShareNothing() throws Exception {
    VersionKey key = version("m", Finding.YES);
    registry.load(key, cache("100Ki"));
    registry.endpoint("second", key, cache("10Ki"));
    follow();
    var id = new CacheKey(1, 2, 3, 4);

    join(active(key, "m"), id, key);

    assertThat(active(key, "m").find(id)).isNotNull();
    assertThat(active(key, "second").find(id)).isNull();
    caches.drop(key);
    assertThat(active(key, "m").find(id)).isNull();
  }

  @Test
  void allTogetherStayWithinTheProcessesBound() throws Exception {
    for (int i = 0; i < 20; i++) {
      registry.load(version("m" + i, Finding.YES), cache("1Gi"));
    }
    follow();

    for (int i = 0; i < 20; i++) {
      VersionKey key = new VersionKey("default", "m" + i, 1);
      for (int j = 0; j < 200; j++) {
        join(active(key, "m" + i), new CacheKey(j, i, 0, 0), key);
      }
    }
    double bytes =
        meters.get("millrace.cache.bytes").gauges().stream().mapToDouble(g -> g.value()).sum();
    assertThat(bytes).isBetween(TOTAL * 0.9, (double) TOTAL);
  }

  @AfterEach
  void stop() {
    caches.stop();
  }
}
