package dev.millrace.runtime.server;

import static dev.millrace.runtime.server.ComputingModels.awaitComputing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.ModelConfigRequest;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ServerLiveRequest;
import dev.millrace.protocol.grpc.ServerReadyRequest;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.testkit.onnx.TinyModels;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole runtime over its two ports, with a registry in memory. */
@QuarkusTest
class RuntimeIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;
  @Inject MeterRegistry meters;

  @TestHTTPResource("/")
  URI base;

  private RuntimeCaller caller;
  private VersionKey linear;

  @BeforeEach
  void deployLinear() {
    caller = new RuntimeCaller(base, ports.grpc());
    linear = deploy("linear", TinyModels.linear(4, 3), ServingSpec.DEFAULT);
  }

  @AfterEach
  void closeCaller() {
    caller.close();
  }

  private VersionKey deploy(String model, byte[] onnx, ServingSpec serving) {
    VersionKey key = registry.version(model, ModelManifest.EMPTY, Map.of("model.onnx", onnx));
    registry.load(key, serving);
    awaitReady(key);
    return key;
  }

  private void awaitReady(VersionKey key) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var reported = registry.reported(key);
              return reported != null && reported.state() == ReplicaState.READY;
            });
  }

  private static List<Tensor> row(float... values) {
    return List.of(Tensors.float32("x", values, values.length / 4, 4));
  }

  @Test
  void everyEncodingOfBothProtocolsGivesTheSameNumbers() {
    List<InferResponse> answers =
        List.of(
            caller.infer(linear, row(1, 2, 3, 4), TensorEncoding.JSON),
            caller.infer(linear, row(1, 2, 3, 4), TensorEncoding.BINARY),
            caller.infer(linear, row(1, 2, 3, 4), GrpcEncoding.RAW),
            caller.infer(linear, row(1, 2, 3, 4), GrpcEncoding.TYPED));

    for (InferResponse answer : answers) {
      assertThat(answer.modelName()).isEqualTo("linear");
      assertThat(answer.modelVersion()).isEqualTo("1");
      assertThat(answer.id()).isEqualTo("42");
      assertThat(Tensors.floatArray(answer.outputs().get(0))).containsExactly(30, 61, 92);
    }
  }

  @Test
  void answersTellVersionReplicaRequestIdAndTiming() {
    var headers = RuntimeCaller.headers(linear);
    headers.put("millrace-request-id", "given-by-caller");
    var response =
        caller.send(
            "POST",
            "/v2/models/linear/infer",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}"
                .getBytes(StandardCharsets.UTF_8),
            headers);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response, "content-type")).isEqualTo("application/json");
    assertThat(header(response, "millrace-model-version")).isEqualTo("1");
    assertThat(header(response, "millrace-replica")).isEqualTo(FakeRegistry.MEMBER);
    assertThat(header(response, "millrace-request-id")).isEqualTo("given-by-caller");
    assertThat(header(response, "server-timing"))
        .matches("queue;dur=[0-9.]+, batch;desc=\"1\", compute;dur=[0-9.]+");
  }

  @Test
  void concurrentCallersEachGetTheirOwnRow() {
    var calls =
        IntStream.range(0, 200)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () ->
                            i % 2 == 0
                                ? caller.infer(linear, row(i, 1, 2, 3), TensorEncoding.BINARY)
                                : caller.infer(linear, row(i, 1, 2, 3), GrpcEncoding.RAW)))
            .toList();

    for (int i = 0; i < calls.size(); i++) {
      assertThat(Tensors.floatArray(calls.get(i).join().outputs().get(0)))
          .containsExactly(TinyModels.linearRow(new float[] {i, 1, 2, 3}, 3));
    }
  }

  @Test
  void bodiesMayBeCompressed() throws Exception {
    var compressed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(compressed)) {
      gzip.write(
          "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}"
              .getBytes(StandardCharsets.UTF_8));
    }
    var headers = RuntimeCaller.headers(linear);
    headers.put("content-encoding", "gzip");

    var response =
        caller.send("POST", "/v2/models/linear/infer", compressed.toByteArray(), headers);

    assertThat(response.statusCode()).isEqualTo(200);
  }

  @Test
  void describesServerAndModel() throws Exception {
    var headers = RuntimeCaller.headers(linear);
    JsonNode server = json(caller.send("GET", "/v2", new byte[0], headers));
    JsonNode model = json(caller.send("GET", "/v2/models/linear", new byte[0], headers));
    JsonNode config = json(caller.send("GET", "/v2/models/linear/config", new byte[0], headers));
    JsonNode ready = json(caller.send("GET", "/v2/models/linear/ready", new byte[0], headers));

    assertThat(server.path("name").asText()).isEqualTo("millrace");
    assertThat(model.path("platform").asText()).isEqualTo("onnxruntime_onnx");
    assertThat(model.at("/inputs/0/shape").toString()).isEqualTo("[-1,4]");
    assertThat(model.at("/properties/batch_axis").asText()).isEqualTo("0");
    assertThat(config.path("max_batch_size").asInt()).isEqualTo(32);
    assertThat(config.at("/input/0/dims").toString()).isEqualTo("[4]");
    assertThat(config.at("/input/0/data_type").asText()).isEqualTo("TYPE_FP32");
    assertThat(config.at("/version_policy/specific/versions").toString()).isEqualTo("[1]");
    assertThat(config.at("/dynamic_batching/preferred_batch_size").toString()).isEqualTo("[1]");
    assertThat(config.at("/instance_group/0/kind").asText()).isEqualTo("KIND_CPU");
    assertThat(ready.path("ready").asBoolean()).isTrue();

    var stub = caller.stub(linear);
    assertThat(stub.modelReady(ModelReadyRequest.newBuilder().setName("linear").build()).getReady())
        .isTrue();
    assertThat(
            stub.modelConfig(ModelConfigRequest.newBuilder().setName("linear").build())
                .getConfig()
                .getMaxBatchSize())
        .isEqualTo(32);
    assertThat(
            stub.modelMetadata(ModelMetadataRequest.newBuilder().setName("linear").build())
                .getInputs(0)
                .getShapeList())
        .containsExactly(-1L, 4L);
  }

  @Test
  void onlyHealthIsAnonymous() throws Exception {
    assertThat(json(caller.send("GET", "/v2/health/live", new byte[0], Map.of())).path("live"))
        .hasToString("true");
    assertThat(json(caller.send("GET", "/v2/health/ready", new byte[0], Map.of())).path("ready"))
        .hasToString("true");
    assertThat(caller.stub(Map.of()).serverLive(ServerLiveRequest.getDefaultInstance()).getLive())
        .isTrue();
    assertThat(
            caller.stub(Map.of()).serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
        .isTrue();

    for (Map<String, String> headers :
        List.of(Map.<String, String>of(), Map.of("millrace-internal-token", "wrong"))) {
      var response = caller.send("GET", "/v2/models/linear", new byte[0], headers);
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(json(response).path("code").asText()).isEqualTo("UNAUTHENTICATED");
      refusedByGrpc(
          ErrorCode.UNAUTHENTICATED,
          () ->
              caller
                  .stub(headers)
                  .modelReady(ModelReadyRequest.newBuilder().setName("linear").build()));
    }
  }

  @Test
  void refusesWhatDoesNotFitTheSignature() throws Exception {
    List<String> bad =
        List.of(
            "{\"inputs\":[{\"name\":\"z\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"INT64\",\"data\":[1,2,3,4]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datat",
            "");
    for (String body : bad) {
      var response = caller.infer(linear, body);
      assertThat(response.statusCode()).as(body).isEqualTo(400);
      assertThat(json(response).path("code").asText()).isEqualTo("INVALID_ARGUMENT");
      assertThat(header(response, "content-type")).isEqualTo("application/json");
    }
    List<List<Tensor>> badTensors =
        List.of(
            List.of(Tensors.float32("z", new float[4], 1, 4)),
            List.of(Tensors.int64("x", new long[4], 1, 4)),
            List.of(Tensors.float32("x", new float[4], 4)),
            List.of(Tensors.float32("x", new float[3], 1, 3)));
    for (List<Tensor> tensors : badTensors) {
      refusedByGrpc(
          ErrorCode.INVALID_ARGUMENT, () -> caller.infer(linear, tensors, GrpcEncoding.RAW));
    }
  }

  @Test
  void refusesUnknownPathsVerbsEncodingsAndLargeBodies() throws Exception {
    var headers = RuntimeCaller.headers(linear);
    assertThat(caller.send("GET", "/v2/nothing", new byte[0], headers).statusCode()).isEqualTo(404);

    var wrongVerb = caller.send("GET", "/v2/models/linear/infer", new byte[0], headers);
    assertThat(wrongVerb.statusCode()).isEqualTo(405);
    assertThat(header(wrongVerb, "allow")).isEqualTo("POST");

    assertThat(
            caller.send("POST", "/v2/models/linear/infer", new byte[2 << 20], headers).statusCode())
        .isEqualTo(413);

    headers.put("content-encoding", "br");
    assertThat(caller.send("POST", "/v2/models/linear/infer", new byte[1], headers).statusCode())
        .isEqualTo(415);
  }

  @Test
  void unknownVersionsAreNotFoundAndUnloadedOnesNotReady() {
    VersionKey unknown = new VersionKey("default", "nobody", 1);
    assertThat(caller.infer(unknown, "{}").statusCode()).isEqualTo(404);
    refusedByGrpc(
        ErrorCode.NOT_FOUND, () -> caller.infer(unknown, row(1, 2, 3, 4), GrpcEncoding.RAW));

    VersionKey idle =
        registry.version(
            "idle", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.fixedBatch()));
    registry.load(linear, ServingSpec.DEFAULT);
    await().until(() -> caller.infer(idle, "{}").statusCode() == 503);
    refusedByGrpc(
        ErrorCode.MODEL_NOT_READY, () -> caller.infer(idle, row(1, 2, 3, 4), GrpcEncoding.RAW));
  }

  @Test
  void aFullQueueIsOverloadedAndALateCallEndsAtItsDeadline() throws Exception {
    // Given a model that is busy until its caller leaves, and one place in its queue
    VersionKey slow =
        deploy("slow", TinyModels.slowOnDemand(1), new ServingSpec("30s", 1, null, 1));
    String body =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";
    var stub = GRPCInferenceServiceGrpc.newFutureStub(caller.stub(slow).getChannel());
    var running = stub.modelInfer(endless("slow"));
    awaitComputing("slow");
    var next = stub.modelInfer(endless("slow"));
    await().until(() -> queueDepth("slow") == 1);

    // When one more comes, then it is told to come back, over both protocols
    var refused = caller.infer(slow, body);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(json(refused).path("code").asText()).isEqualTo("OVERLOADED");
    assertThat(header(refused, "retry-after")).isEqualTo("1");
    refusedByGrpc(
        ErrorCode.OVERLOADED, () -> caller.infer(slow, row(1, 2, 3, 4), GrpcEncoding.RAW));

    // And a caller in a hurry who finds a place is answered at its deadline
    next.cancel(true);
    await().until(() -> queueDepth("slow") == 0);
    var headers = RuntimeCaller.headers(slow);
    headers.put("millrace-timeout", "50");
    var late =
        caller.send(
            "POST", "/v2/models/slow/infer", body.getBytes(StandardCharsets.UTF_8), headers);
    assertThat(late.statusCode()).isEqualTo(504);
    assertThat(json(late).path("code").asText()).isEqualTo("DEADLINE_EXCEEDED");
    refusedByGrpcStatus(
        ErrorCode.DEADLINE_EXCEEDED,
        () ->
            caller
                .stub(slow)
                .withDeadlineAfter(50, TimeUnit.MILLISECONDS)
                .modelInfer(call("slow", 1)));

    // And the next is served once the model is free
    running.cancel(true);
    await().untilAsserted(() -> assertThat(caller.infer(slow, body).statusCode()).isEqualTo(200));
    registry.unload(slow);
    await().until(() -> registry.reported(slow) == null);
  }

  /** A call of a model that is slow on demand: it runs until its caller leaves. */
  private static ModelInferRequest endless(String model) {
    return call(model, 1e12f);
  }

  private static ModelInferRequest call(String model, float first) {
    return GrpcInferCodec.encodeRequest(
        new InferRequest(model, "", "", Map.of(), row(first, 2, 3, 4), List.of()),
        GrpcEncoding.RAW);
  }

  @Test
  void callersWhoGoAwayLeaveTheQueue() throws Exception {
    // Given a model that is busy until its caller leaves
    VersionKey slow =
        deploy("leavers", TinyModels.slowOnDemand(1), new ServingSpec("30s", 1, null, 8));
    var stub = GRPCInferenceServiceGrpc.newFutureStub(caller.stub(slow).getChannel());
    var busy = stub.modelInfer(endless("leavers"));
    awaitComputing("leavers");
    var waiting = stub.modelInfer(endless("leavers"));
    await().until(() -> queueDepth("leavers") == 1);

    // When a waiting caller over HTTP hangs up
    try (var socket = new Socket(base.getHost(), base.getPort())) {
      socket.getOutputStream().write(rawCall(slow));
      socket.getOutputStream().flush();
      await().until(() -> queueDepth("leavers") == 2);
    }
    await().until(() -> cancelledInQueue("leavers") == 1);

    // And a waiting caller over gRPC cancels
    waiting.cancel(true);
    await().until(() -> cancelledInQueue("leavers") == 2);

    // Then their places are free, and the model when its caller is gone too
    assertThat(queueDepth("leavers")).isZero();
    busy.cancel(true);
    var answer = stub.modelInfer(call("leavers", 1)).get(30, TimeUnit.SECONDS);
    assertThat(answer.getRawOutputContentsCount()).isEqualTo(1);
    registry.unload(slow);
  }

  private static byte[] rawCall(VersionKey target) {
    String body =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";
    var call = new StringBuilder("POST /v2/models/leavers/infer HTTP/1.1\r\nhost: x\r\n");
    RuntimeCaller.headers(target)
        .forEach((name, value) -> call.append(name).append(": ").append(value).append("\r\n"));
    call.append("content-length: ").append(body.length()).append("\r\n\r\n").append(body);
    return call.toString().getBytes(StandardCharsets.UTF_8);
  }

  private int queueDepth(String model) {
    return (int) meters.get("millrace.queue.depth").tag("endpoint", model).gauge().value();
  }

  private int cancelledInQueue(String model) {
    return (int)
        meters
            .get("millrace.cancelled")
            .tag("endpoint", model)
            .tag("stage", "queue")
            .counter()
            .count();
  }

  @Test
  void newServingOptionsReplaceTheReplicaWithoutAFailedCall() {
    var stop = new AtomicBoolean();
    var failures = new ConcurrentLinkedQueue<Throwable>();
    var traffic =
        CompletableFuture.runAsync(
            () -> {
              while (!stop.get()) {
                try {
                  caller.infer(linear, row(1, 2, 3, 4), GrpcEncoding.RAW);
                } catch (RuntimeException failure) {
                  failures.add(failure);
                }
              }
            });

    registry.load(linear, new ServingSpec(null, 7, null, null));
    await()
        .until(
            () ->
                caller
                        .stub(linear)
                        .modelConfig(ModelConfigRequest.newBuilder().setName("linear").build())
                        .getConfig()
                        .getMaxBatchSize()
                    == 7);
    stop.set(true);
    traffic.join();

    assertThat(failures).isEmpty();
    registry.load(linear, ServingSpec.DEFAULT);
  }

  @Test
  void admissionTellsWhyAModelCannotServe() {
    VersionKey good =
        registry.version(
            "good", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.linear(4, 3)));
    VersionKey broken =
        registry.version(
            "broken", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.brokenGraph()));
    VersionKey noModel =
        registry.version("script", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.notOnnx()));
    registry.admit(good);
    registry.admit(broken);
    registry.admit(noModel);

    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                registry.verdict(good) != null
                    && registry.verdict(broken) != null
                    && registry.verdict(noModel) != null);

    assertThat(registry.verdict(good).admitted()).isTrue();
    assertThat(registry.verdict(good).signature().inputs().get(0).batchAxis()).isEqualTo(0);
    var profile = registry.verdict(good).profile();
    assertThat(profile.hardwareClass()).isEqualTo("cpu");
    assertThat(profile.mayBatch()).isTrue();
    assertThat(profile.latency(1, 0)).isPresent();
    assertThat(profile.recommended().intraOpThreads()).isEqualTo(1);
    assertThat(registry.verdict(broken).admitted()).isFalse();
    assertThat(registry.verdict(broken).reason()).contains("NoSuchOperator");
    assertThat(registry.verdict(noModel).admitted()).isFalse();
    assertThat(registry.verdict(noModel).reason()).isNotBlank();
  }

  @Test
  void aDamagedArtifactFailsTheReplicaAndIsTriedAgain() {
    byte[] onnx = TinyModels.linear(4, 5);
    VersionKey key = registry.version("damaged", ModelManifest.EMPTY, Map.of("model.onnx", onnx));
    byte[] wrong = onnx.clone();
    wrong[wrong.length - 1] ^= 1;
    registry.damage(key, "model.onnx", wrong);
    registry.load(key, ServingSpec.DEFAULT);

    await()
        .until(
            () -> {
              var report = registry.reported(key);
              return report != null && report.state() == ReplicaState.FAILED;
            });
    assertThat(registry.reported(key).reason()).contains("has the content");

    registry.damage(key, "model.onnx", onnx);
    awaitReady(key);
    registry.unload(key);
  }

  @Test
  void metricsCountBatchesQueuesAndStates() {
    caller.infer(linear, row(1, 2, 3, 4), TensorEncoding.JSON);

    await()
        .untilAsserted(
            () -> {
              assertThat(
                      meters
                          .get("millrace.compute.duration")
                          .tag("endpoint", "linear")
                          .timer()
                          .count())
                  .isPositive();
              assertThat(
                      meters
                          .get("millrace.runtime.request.bytes")
                          .tag("endpoint", "linear")
                          .summary()
                          .count())
                  .isPositive();
            });
    assertThat(
            meters
                .get("millrace.model.state")
                .tag("endpoint", "linear")
                .tag("state", "ready")
                .gauge()
                .value())
        .isCloseTo(1, within(0.0));
  }

  static void refusedByGrpc(ErrorCode code, Runnable call) {
    var failure = refusedByGrpcStatus(code, call);
    assertThat(GrpcErrors.fromException(failure).code()).isEqualTo(code);
  }

  /** Only the status: a client that gives up by itself sees no ErrorInfo. */
  private static StatusRuntimeException refusedByGrpcStatus(ErrorCode code, Runnable call) {
    var failure = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(failure).isNotNull();
    assertThat(failure.getStatus().getCode().value())
        .as(failure.toString())
        .isEqualTo(code.grpcStatus());
    return failure;
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static JsonNode json(HttpResponse<byte[]> response) throws Exception {
    return JSON.readTree(response.body());
  }
}
