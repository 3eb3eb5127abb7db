package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.testkit.onnx.TinyModels;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Identical calls over both ports; what was really executed is counted. */
@QuarkusTest
class ResponseCacheIT {
  private static final ServingSpec CACHED =
      ServingSpec.DEFAULT.withCache(new ServingSpec.Cache("1h", "1Mi"));

  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;
  @Inject MeterRegistry meters;

  @TestHTTPResource("/")
  URI base;

  private RuntimeCaller caller;

  @BeforeEach
  void connect() {
    caller = new RuntimeCaller(base, ports.grpc());
  }

  @AfterEach
  void close() {
    caller.close();
  }

  private VersionKey deploy(VersionKey key, byte[] onnx, Finding finding, ServingSpec serving) {
    registry.version(key, ModelManifest.EMPTY, Map.of("model.onnx", onnx));
    registry.measured(key, finding);
    registry.load(key, serving);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var reported = registry.reported(key);
              return reported != null && reported.state() == ReplicaState.READY;
            });
    return key;
  }

  private static VersionKey version(String model, int number) {
    return new VersionKey("default", model, number);
  }

  private long executions(VersionKey key) {
    return meters
        .get("millrace.compute.duration")
        .tag("endpoint", key.model())
        .tag("version", Integer.toString(key.version()))
        .timer()
        .count();
  }

  private double count(String name, VersionKey key) {
    Counter counter =
        meters
            .find("millrace.cache." + name)
            .tag("endpoint", key.model())
            .tag("version", Integer.toString(key.version()))
            .counter();
    return counter == null ? 0 : counter.count();
  }

  private static List<Tensor> row(float... values) {
    return List.of(Tensors.float32("x", values, 1, 4));
  }

  private HttpResponse<byte[]> send(VersionKey key, String values) {
    return caller.infer(
        key,
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":["
            + values
            + "]}]}");
  }

  private static String cache(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(200);
    return response.headers().firstValue("millrace-cache").orElse("");
  }

  @Test
  void everyEncodingOfBothProtocolsIsAnsweredFromOneExecution() {
    VersionKey key = deploy(version("kept", 1), TinyModels.linear(4, 3), Finding.YES, CACHED);
    long before = executions(key);

    List<InferResponse> answers =
        List.of(
            caller.infer(key, row(1, 2, 3, 4), TensorEncoding.JSON),
            caller.infer(key, row(1, 2, 3, 4), TensorEncoding.BINARY),
            caller.infer(key, row(1, 2, 3, 4), GrpcEncoding.RAW),
            caller.infer(key, row(1, 2, 3, 4), GrpcEncoding.TYPED));

    assertThat(answers)
        .allSatisfy(
            answer -> {
              assertThat(answer.id()).isEqualTo("42");
              assertThat(answer.modelName()).isEqualTo("kept");
              assertThat(Tensors.floatArray(answer.outputs().get(0))).containsExactly(30, 61, 92);
            });
    await().untilAsserted(() -> assertThat(executions(key) - before).isEqualTo(1));
    assertThat(count("hits", key)).isEqualTo(3);
    assertThat(count("misses", key)).isEqualTo(1);
  }

  @Test
  void headersTellHitFromMiss() {
    VersionKey key = deploy(version("told", 1), TinyModels.linear(4, 3), Finding.YES, CACHED);

    assertThat(cache(send(key, "1,2,3,4"))).isEqualTo("miss");
    var hit = send(key, "1,2,3,4");
    assertThat(cache(hit)).isEqualTo("hit");
    assertThat(hit.headers().firstValue("server-timing").orElse(""))
        .isEqualTo("cache;desc=\"hit\", queue;dur=0.000, batch;desc=\"0\", compute;dur=0.000");
    assertThat(hit.headers().firstValue("millrace-model-version")).contains("1");
    assertThat(new String(hit.body(), StandardCharsets.UTF_8)).contains("30", "61", "92");
    assertThat(cache(send(key, "1,2,3,5"))).isEqualTo("miss");
  }

  @Test
  void largeAnswersAreSentFromTheCacheUncut() {
    VersionKey key =
        deploy(
            version("large", 1),
            TinyModels.bigOutput(100_000),
            Finding.YES,
            ServingSpec.DEFAULT.withCache(new ServingSpec.Cache("1h", "8Mi")));
    var input = List.of(Tensors.float32("x", new float[] {7}, 1, 1));
    long before = executions(key);

    for (int i = 0; i < 3; i++) {
      assertSevens(caller.infer(key, input, TensorEncoding.BINARY));
      assertSevens(caller.infer(key, input, GrpcEncoding.RAW));
    }
    await().untilAsserted(() -> assertThat(executions(key) - before).isEqualTo(1));
  }

  private static void assertSevens(InferResponse answer) {
    float[] values = Tensors.floatArray(answer.outputs().get(0));
    assertThat(values).hasSize(100_000).containsOnly(7);
  }

  @Test
  void identicalCallsInFlightAreComputedOnce() {
    VersionKey key = deploy(version("flight", 1), TinyModels.slow(150_000), Finding.YES, CACHED);
    long before = executions(key);

    var calls =
        IntStream.range(0, 12)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () ->
                            i % 2 == 0
                                ? caller.infer(key, row(1, 2, 3, 4), TensorEncoding.BINARY)
                                : caller.infer(key, row(1, 2, 3, 4), GrpcEncoding.RAW),
                        Thread::startVirtualThread))
            .toList();

    for (var call : calls) {
      assertThat(Tensors.floatArray(call.join().outputs().get(0))).containsExactly(1, 2, 3, 4);
    }
    await().untilAsserted(() -> assertThat(executions(key) - before).isEqualTo(1));
    assertThat(count("coalesced", key) + count("hits", key)).isEqualTo(11);
  }

  @Test
  void aShortDeadlineEndsOnlyTheCallThatHasIt() {
    VersionKey key = deploy(version("hasty", 1), TinyModels.slow(400_000), Finding.YES, CACHED);
    var patient =
        CompletableFuture.supplyAsync(() -> send(key, "1,2,3,4"), Thread::startVirtualThread);
    var headers = RuntimeCaller.headers(key);
    headers.put("millrace-timeout", "20");

    var hasty =
        caller.send(
            "POST",
            "/v2/models/hasty/infer",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}"
                .getBytes(StandardCharsets.UTF_8),
            headers);

    // Whichever came first: the other one computes, or goes on computing.
    assertThat(hasty.statusCode()).isEqualTo(504);
    assertThat(cache(patient.join())).isEqualTo("miss");
    assertThat(cache(send(key, "1,2,3,4"))).isEqualTo("hit");
  }

  @Test
  void failuresAreNotKept() {
    VersionKey key =
        deploy(version("failing", 1), TinyModels.gatherEmbedding(8, 2), Finding.YES, CACHED);
    String outOfRange =
        "{\"inputs\":[{\"name\":\"ids\",\"shape\":[1,1],\"datatype\":\"INT64\",\"data\":[99]}]}";

    assertThat(caller.infer(key, outOfRange).statusCode()).isEqualTo(400);
    assertThat(caller.infer(key, outOfRange).statusCode()).isEqualTo(400);
    assertThat(count("hits", key)).isZero();
    assertThat(cache(caller.infer(key, outOfRange.replace("99", "3")))).isEqualTo("miss");
  }

  @Test
  void versionsShareNothingAndUnloadingForgets() {
    VersionKey first = deploy(version("moving", 1), TinyModels.linear(4, 3), Finding.YES, CACHED);
    assertThat(cache(send(first, "1,2,3,4"))).isEqualTo("miss");
    assertThat(cache(send(first, "1,2,3,4"))).isEqualTo("hit");

    VersionKey second =
        deploy(version("moving", 2), TinyModels.identity(DataType.FP32), Finding.YES, CACHED);
    assertThat(cache(send(second, "1,2,3,4"))).isEqualTo("miss");
    assertThat(cache(send(first, "1,2,3,4"))).isEqualTo("hit");

    registry.unload(first);
    await().atMost(Duration.ofSeconds(20)).until(() -> registry.reported(first) == null);
    deploy(first, TinyModels.linear(4, 3), Finding.YES, CACHED);
    assertThat(cache(send(first, "1,2,3,4"))).isEqualTo("miss");
    assertThat(cache(send(second, "1,2,3,4"))).isEqualTo("hit");
  }

  @Test
  void settingsChangeWithoutALoad() {
    VersionKey key =
        deploy(version("changing", 1), TinyModels.linear(4, 3), Finding.YES, ServingSpec.DEFAULT);
    assertThat(cache(send(key, "1,2,3,4"))).isEmpty();

    registry.load(key, CACHED);
    await().until(() -> cache(send(key, "1,2,3,4")).equals("hit"));
    registry.load(key, ServingSpec.DEFAULT);
    await().until(() -> cache(send(key, "1,2,3,4")).isEmpty());

    assertThat(
            meters.get("millrace.model.load.duration").tag("endpoint", "changing").timer().count())
        .isEqualTo(1);
  }

  @Test
  void whatIsNotDeterministicIsNeverKept() {
    VersionKey noisy = deploy(version("noisy", 1), TinyModels.noisy(), Finding.NO, CACHED);

    var first = send(noisy, "1,2,3,4");
    var second = send(noisy, "1,2,3,4");

    assertThat(cache(first)).isEqualTo("bypass");
    assertThat(second.body()).isNotEqualTo(first.body());
    assertThat(count("bypassed", noisy)).isEqualTo(2);
  }
}
