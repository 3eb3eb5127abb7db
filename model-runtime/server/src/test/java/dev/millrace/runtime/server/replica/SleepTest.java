package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.ModelLease;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions that leave memory and come back, on real sessions. */
class SleepTest {
  private static final long KIB = 1 << 10;
  private static final long BUDGET = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path cache;

  private final FakeRegistry registry = new FakeRegistry();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RuntimeMetrics metrics = new RuntimeMetrics(meters);
  private final ReplicaTable table = new ReplicaTable(metrics);
  private ReplicaLifecycle lifecycle;

  private void start() throws Exception {
    var options =
        new RuntimeOptions(
            new RuntimeOptions.Member(
                FakeRegistry.MEMBER, "cpu", "cpu", "127.0.0.1", Duration.ofMillis(100)),
            new RuntimeOptions.Listen(false, "127.0.0.1", 0, ""),
            cache,
            new RuntimeOptions.Limits(1 << 20, PATIENCE, PATIENCE, Duration.ofMillis(500)),
            1,
            new BatchingOptions(32, 512, Duration.ZERO),
            new EngineDefaults(
                Map.of(), 0, BUDGET, null, new EngineDefaults.Disk(1L << 30, 1L << 30)));
    var admission =
        new AdmissionOptions(
            AdmissionMode.IN_PROCESS, Duration.ofMinutes(1), 1L << 30, Duration.ZERO);
    lifecycle =
        new ReplicaLifecycle(
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
                options,
                registry,
                table,
                new ListeningPorts(),
                new SmallRyeConfigBuilder().build()),
            metrics);
    lifecycle.start();
    follow();
  }

  private void follow() throws Exception {
    lifecycle.follow(
        registry
            .snapshot(0, "", RegistryLink.Audience.RUNTIME, Duration.ofSeconds(1))
            .orElseThrow());
  }

  @AfterEach
  void drain() {
    if (lifecycle != null) {
      assertThat(lifecycle.drain(Duration.ofSeconds(10))).isTrue();
    }
  }

  private VersionKey version(String model, long kib, String idleAfter) {
    VersionKey key =
        registry.version(
            model, ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.linear(4, 3)), kib * KIB);
    registry.load(key, new ServingSpec(null, null, null, null, idleAfter, null));
    return key;
  }

  private CompletableFuture<ModelLease<Replica>> call(VersionKey key, Duration patience) {
    return table.awaken(key, 100, System.nanoTime() + patience.toNanos());
  }

  private void answered(VersionKey key) throws Exception {
    call(key, PATIENCE).get(PATIENCE.toSeconds(), TimeUnit.SECONDS).close();
  }

  private void awaitState(VersionKey key, Class<? extends ReplicaState> state) {
    await().atMost(Duration.ofSeconds(60)).until(() -> state.isInstance(table.state(key)));
  }

  private static MillraceException failure(CompletableFuture<?> call) {
    var thrown =
        catchThrowableOfType(
            CompletionException.class, () -> call.orTimeout(30, TimeUnit.SECONDS).join());
    return (MillraceException) thrown.getCause();
  }

  private long loads() {
    return meters.find("millrace.model.load.duration").timers().stream()
        .mapToLong(timer -> timer.count())
        .sum();
  }

  @Test
  void anIdleVersionIsUnloadedAndOneLoadAnswersAllWhoCall() throws Exception {
    // Given a version that nobody calls, though reports and metrics look at it
    VersionKey key = version("a", 100, "300ms");
    start();
    awaitState(key, ReplicaState.Ready.class);
    awaitState(key, ReplicaState.Asleep.class);
    assertThat(meters.get("millrace.model.memory").gauge().value()).isZero();
    assertThat(meters.get("millrace.model.evictions").tag("reason", "idle").counter().count())
        .isEqualTo(1);

    // Then it is ready for everybody else, and can be described without being loaded
    await().until(() -> registry.reported(key) != null && registry.reported(key).asleep());
    assertThat(registry.reported(key).state()).isEqualTo(MemberReport.ReplicaState.READY);
    assertThat(table.describe(key).signature().inputs()).hasSize(1);
    assertThat(table.acquire(key)).isNull();

    // When 200 calls come at once
    var calls = IntStream.range(0, 200).mapToObj(_ -> call(key, PATIENCE)).toList();

    // Then all get it, of one load
    for (var call : calls) {
      call.get(30, TimeUnit.SECONDS).close();
    }
    assertThat(loads()).isEqualTo(2);
    assertThat(meters.get("millrace.model.wakes").tag("result", "ok").counter().count())
        .isEqualTo(1);
  }

  @Test
  void twoVersionsThatDoNotFitTogetherTakeTurns() throws Exception {
    VersionKey a = version("a", 700, null);
    VersionKey b = version("b", 700, null);
    start();
    awaitState(a, ReplicaState.Ready.class);
    awaitState(b, ReplicaState.Asleep.class);

    for (int round = 0; round < 3; round++) {
      answered(b);
      assertThat(table.state(a)).isInstanceOf(ReplicaState.Asleep.class);
      answered(a);
      assertThat(table.state(b)).isInstanceOf(ReplicaState.Asleep.class);
    }
    assertThat(meters.find("millrace.model.memory.held").gauge().value())
        .isLessThanOrEqualTo(BUDGET);
  }

  @Test
  void aVersionInUseStaysAndTheOtherIsToldWhy() throws Exception {
    VersionKey a = version("a", 700, null);
    VersionKey b = version("b", 700, null);
    start();
    awaitState(b, ReplicaState.Asleep.class);
    awaitState(a, ReplicaState.Ready.class);
    try (var _ = table.acquire(a)) {
      var refused = failure(call(b, Duration.ofSeconds(1)));

      assertThat(refused.code()).isEqualTo(ErrorCode.INSUFFICIENT_MEMORY);
      assertThat(refused).hasMessageContaining("model 'b'").hasMessageContaining("memory-budget");
      assertThat(table.state(a)).isInstanceOf(ReplicaState.Ready.class);
    }
    answered(b);
  }

  @Test
  void whatCannotFitSaysSo() throws Exception {
    VersionKey large = version("large", 2_000, null);
    VersionKey pinned = version("pinned", 700, "never");
    VersionKey other = version("other", 600, null);
    start();

    awaitState(pinned, ReplicaState.Ready.class);
    awaitState(large, ReplicaState.Failed.class);
    awaitState(other, ReplicaState.Failed.class);
    assertThat(table.state(large).reason())
        .isEqualTo("it needs 2.0 MiB, but millrace.runtime.memory-budget allows 1.0 MiB");
    assertThat(table.state(other).reason()).contains("versions that must stay loaded");

    // When there is room again it comes by itself
    registry.unload(pinned);
    follow();
    awaitState(other, ReplicaState.Ready.class);
  }

  @Test
  void aFailedLoadFailsItsCallsAndIsTriedAgain() throws Exception {
    VersionKey key = version("a", 100, "100ms");
    start();
    awaitState(key, ReplicaState.Ready.class);
    awaitState(key, ReplicaState.Asleep.class);
    byte[] good = TinyModels.linear(4, 3);
    empty(cache);
    registry.damage(key, "model.onnx", new byte[good.length]);

    var refused = failure(call(key, PATIENCE));
    assertThat(refused.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    assertThat(refused).hasMessageContaining("loading it again failed");
    assertThat(refused.retryAfter()).isPresent();
    // Not hammered: the next call is refused without a try.
    assertThat(failure(call(key, PATIENCE))).hasMessageContaining("loading it again failed");
    assertThat(meters.get("millrace.model.wakes").tag("result", "failed").counter().count())
        .isEqualTo(1);

    registry.damage(key, "model.onnx", good);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> call(key, PATIENCE).handle((lease, _) -> closed(lease)).join());
  }

  private static boolean closed(ModelLease<Replica> lease) {
    if (lease != null) {
      lease.close();
    }
    return lease != null;
  }

  private static void empty(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(folder)) {
          path.toFile().setWritable(true);
          Files.delete(path);
        }
      }
    }
  }

  @Test
  void aDepartingVersionStillWakes() throws Exception {
    VersionKey key = version("a", 100, "100ms");
    start();
    awaitState(key, ReplicaState.Ready.class);
    awaitState(key, ReplicaState.Asleep.class);

    registry.unload(key);
    follow();
    answered(key);

    await().until(() -> table.state(key) == null);
  }

  @Test
  void aVersionThatIsTakenBackAsItLeavesTurnsNobodyAway() throws Exception {
    VersionKey key = version("a", 100, null);
    start();
    awaitState(key, ReplicaState.Ready.class);
    CompletableFuture<ModelLease<Replica>> early;
    CompletableFuture<ModelLease<Replica>> late;
    // Given a version that cannot get further than the middle of its unloading
    try (var _ = table.acquire(key)) {
      registry.unload(key);
      follow();
      awaitState(key, ReplicaState.Unloading.class);

      // When one call hears before this runtime that it is wanted again, and another one after
      early = call(key, PATIENCE);
      registry.load(key, ServingSpec.DEFAULT);
      follow();
      late = call(key, PATIENCE);
      assertThat(early).isNotDone();
      assertThat(late).isNotDone();
    }

    // Then both are answered, and it stays
    early.get(30, TimeUnit.SECONDS).close();
    late.get(30, TimeUnit.SECONDS).close();
    assertThat(table.state(key)).isInstanceOf(ReplicaState.Ready.class);
    assertThat(loads()).isEqualTo(2);
  }

  @Test
  void aCallBringsAVersionBackThatLeavesAndThenItGoesAllTheSame() throws Exception {
    VersionKey key = version("a", 100, null);
    start();
    awaitState(key, ReplicaState.Ready.class);
    CompletableFuture<ModelLease<Replica>> behind;
    try (var _ = table.acquire(key)) {
      registry.unload(key);
      follow();
      awaitState(key, ReplicaState.Unloading.class);
      behind = call(key, PATIENCE);
    }

    behind.get(30, TimeUnit.SECONDS).close();
    await().atMost(PATIENCE).until(() -> table.state(key) == null);
  }

  @Test
  void optionsThatNeedNoNewSessionChangeInPlace() throws Exception {
    VersionKey key = version("a", 100, null);
    start();
    awaitState(key, ReplicaState.Ready.class);

    registry.load(key, new ServingSpec("7s", null, null, null, "never", null));
    follow();
    await().until(() -> table.describe(key).serving().pinned());
    try (var lease = table.acquire(key)) {
      assertThat(lease.model().serving().timeout()).isEqualTo(Duration.ofSeconds(7));
    }
    registry.load(key, new ServingSpec(null, null, null, null, "300ms", null));
    follow();
    awaitState(key, ReplicaState.Asleep.class);
    assertThat(loads()).isEqualTo(1);

    // The size of a batch is the queue's own: that is another replica.
    registry.load(key, new ServingSpec(null, 3, null, null, null, null));
    follow();
    answered(key);
    registry.load(key, new ServingSpec(null, 4, null, null, null, null));
    follow();
    await().until(() -> table.describe(key).serving().batching().maxBatch() == 4);
    assertThat(loads()).isEqualTo(3);
  }

  @Test
  void stoppingEndsTheCallsThatWait() throws Exception {
    VersionKey a = version("a", 700, null);
    VersionKey b = version("b", 700, null);
    start();
    awaitState(b, ReplicaState.Asleep.class);
    awaitState(a, ReplicaState.Ready.class);
    List<CompletableFuture<ModelLease<Replica>>> waiting;
    try (var _ = table.acquire(a)) {
      waiting = List.of(call(b, PATIENCE), call(b, PATIENCE));
      var drained = CompletableFuture.supplyAsync(() -> lifecycle.drain(PATIENCE));
      for (var call : waiting) {
        assertThat(failure(call).details()).containsEntry("reason", "draining");
      }
      assertThat(drained).isNotDone();
    }
  }
}
