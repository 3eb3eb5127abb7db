package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.batching.BatchRequest;
import dev.millrace.runtime.server.FakeRegistry;
import dev.millrace.runtime.server.admission.AdmissionLifecycle;
import dev.millrace.runtime.server.admission.AdmissionOptions;
import dev.millrace.runtime.server.admission.VersionJudge;
import dev.millrace.runtime.server.cache.ResponseCaches;
import dev.millrace.runtime.server.config.BatchingOptions;
import dev.millrace.runtime.server.config.CacheOptions;
import dev.millrace.runtime.server.config.EngineDefaults;
import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.runtime.server.config.RuntimeConfig.AdmissionMode;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.CacheMetrics;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import dev.millrace.testkit.onnx.TinyModels;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrainTest {
  @TempDir Path cache;

  private final FakeRegistry registry = new FakeRegistry();
  private final RuntimeMetrics metrics = new RuntimeMetrics(new SimpleMeterRegistry());
  private final ReplicaTable table = new ReplicaTable(metrics);

  private ReplicaLifecycle lifecycle(Duration unloadDelay) {
    var options =
        new RuntimeOptions(
            new RuntimeOptions.Member(
                FakeRegistry.MEMBER, "cpu", "cpu", "127.0.0.1", Duration.ofMillis(100)),
            new RuntimeOptions.Listen(false, "127.0.0.1", 0, ""),
            cache,
            new RuntimeOptions.Limits(
                1 << 20, Duration.ofSeconds(30), Duration.ofSeconds(30), unloadDelay),
            1,
            new BatchingOptions(32, 512, Duration.ZERO),
            new EngineDefaults(
                Map.of(), 0, 1L << 30, null, new EngineDefaults.Disk(1L << 30, 1L << 30)));
    var admission =
        new AdmissionOptions(
            AdmissionMode.IN_PROCESS, Duration.ofMinutes(1), 1L << 30, Duration.ZERO);
    return new ReplicaLifecycle(
        options,
        table,
        new ReplicaLoader(
            options,
            metrics,
            new ResponseCaches(
                options, new CacheOptions(0), new CacheMetrics(new SimpleMeterRegistry())),
            registry),
        new AdmissionLifecycle(
            new VersionJudge(options, admission, registry), registry, options, admission),
        new MemberReporter(
            options, registry, table, new ListeningPorts(), new SmallRyeConfigBuilder().build()),
        metrics);
  }

  @Test
  void finishesWhatIsInFlightAndTakesNothingNew() throws Exception {
    // Given a ready version with a call that takes a while
    var key =
        registry.version(
            "slow", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.slow(300_000)));
    registry.load(key, ServingSpec.DEFAULT);
    var lifecycle = lifecycle(Duration.ofSeconds(5));
    lifecycle.start();
    follow(lifecycle);
    await().atMost(Duration.ofSeconds(60)).until(() -> table.isReady(key));
    await().until(() -> registry.lastReport() != null);
    var lease = table.acquire(key);
    var input = List.of(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4));
    var call =
        lease
            .model()
            .submit(
                new InferRequest("", "", "", Map.of(), input, List.of()), BatchRequest.Terms.NONE)
            .result()
            .whenComplete((_, _) -> lease.close())
            .toCompletableFuture();

    // When the runtime drains
    var drained = CompletableFuture.supplyAsync(() -> lifecycle.drain(Duration.ofSeconds(30)));
    await().until(() -> !table.accepting());

    // Then new calls go elsewhere, the old one is finished, and the registry knows
    var refused = catchThrowableOfType(MillraceException.class, () -> table.acquire(key));
    assertThat(refused.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(refused.details()).containsEntry("reason", "draining");
    assertThat(drained.join()).isTrue();
    var outputs = call.get(5, TimeUnit.SECONDS).value().outputs();
    assertThat(Tensors.floatArray(outputs.get(0))).containsExactly(1, 2, 3, 4);
    assertThat(registry.lastReport()).isNull();
  }

  @Test
  void aVersionThatIsNoLongerAssignedAnswersForAWhile() throws Exception {
    // Given a ready version
    var key =
        registry.version(
            "linear", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.linear(4, 3)));
    registry.load(key, ServingSpec.DEFAULT);
    var lifecycle = lifecycle(Duration.ofSeconds(1));
    lifecycle.start();
    follow(lifecycle);
    await().atMost(Duration.ofSeconds(60)).until(() -> table.isReady(key));

    // When traffic has left it, and this runtime hears of that before the gateways
    registry.unload(key);
    long heard = System.nanoTime();
    follow(lifecycle);

    // Then it answers until the delay is over
    await().during(Duration.ofMillis(300)).until(() -> table.isReady(key));
    await().until(() -> table.state(key) == null);
    assertThat(Duration.ofNanos(System.nanoTime() - heard)).isGreaterThan(Duration.ofSeconds(1));
    assertThat(lifecycle.drain(Duration.ofSeconds(5))).isTrue();
  }

  private void follow(ReplicaLifecycle lifecycle) throws Exception {
    lifecycle.follow(
        registry
            .snapshot(0, "", RegistryLink.Audience.RUNTIME, Duration.ofSeconds(1))
            .orElseThrow());
  }
}
