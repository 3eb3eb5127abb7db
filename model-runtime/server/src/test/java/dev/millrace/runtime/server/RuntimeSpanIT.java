package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.process.trace.CapturedSpans;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.testkit.onnx.TinyModels;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The spans {@code queue} and {@code compute} of calls over both ports. */
@QuarkusTest
class RuntimeSpanIT {
  private static final String GATEWAY = "b7ad6b7169203331";
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  private static final AttributeKey<Long> ROWS = AttributeKey.longKey("millrace.batch.rows");
  private static final String NOT_TRACED = "3bf7651916cd43dd8448eb211c80319c";

  private static final String ENDLESS_ROW =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1e12,2,3,4]}]}";

  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;
  @Inject CapturedSpans spans;
  @Inject MeterRegistry meters;

  @TestHTTPResource("/")
  URI base;

  private RuntimeCaller caller;
  private VersionKey linear;

  @BeforeEach
  void deployLinear() {
    caller = new RuntimeCaller(base, ports.grpc());
    linear =
        registry.version(
            "linear", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.linear(4, 3)));
    registry.load(linear, ServingSpec.DEFAULT);
    awaitReady(linear);
  }

  @AfterEach
  void closeCaller() {
    caller.close();
  }

  private Map<String, String> headers(String trace, String flags) {
    return headers(linear, trace, flags);
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

  private static Map<String, String> headers(VersionKey target, String trace, String flags) {
    var headers = RuntimeCaller.headers(target);
    headers.put(MillraceHeaders.TRACEPARENT, "00-" + trace + "-" + GATEWAY + "-" + flags);
    return headers;
  }

  private String inferOverHttp(Map<String, String> headers) {
    var response =
        caller.send(
            "POST",
            "/v2/models/linear/infer",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5,6,7,8]}]}"
                .getBytes(StandardCharsets.UTF_8),
            headers);
    assertThat(response.statusCode()).isEqualTo(200);
    return response.headers().firstValue(MillraceHeaders.CACHE).orElse("");
  }

  private void assertThatBothAreThere(String trace, long rows) {
    var both = spans.whole(trace, 2);
    assertThat(both).extracting(SpanData::getName).containsExactlyInAnyOrder("queue", "compute");
    assertThat(both).extracting(SpanData::getParentSpanId).containsOnly(GATEWAY);
    var queue = both.stream().filter(span -> span.getName().equals("queue")).findFirst();
    var compute = both.stream().filter(span -> span.getName().equals("compute")).findFirst();
    assertThat(compute.orElseThrow().getAttributes().get(ROWS)).isEqualTo(rows);
    assertThat(compute.orElseThrow().getEndEpochNanos())
        .isGreaterThan(compute.orElseThrow().getStartEpochNanos());
    assertThat(queue.orElseThrow().getStartEpochNanos())
        .isLessThanOrEqualTo(compute.orElseThrow().getStartEpochNanos());
  }

  @Test
  void aTracedCallOverHttpHasSpansOfQueueAndCompute() {
    var trace = "1bf7651916cd43dd8448eb211c80319c";
    inferOverHttp(headers(trace, "01"));
    assertThatBothAreThere(trace, 2);
  }

  @Test
  void aTracedCallOverGrpcHasSpansOfQueueAndCompute() {
    var trace = "2bf7651916cd43dd8448eb211c80319c";
    var request =
        new InferRequest(
            "linear",
            "",
            "",
            Map.of(),
            List.of(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4)),
            List.of());
    var answer =
        caller
            .stub(headers(trace, "01"))
            .modelInfer(GrpcInferCodec.encodeRequest(request, GrpcEncoding.RAW));
    assertThat(answer.getModelName()).isEqualTo("linear");
    assertThatBothAreThere(trace, 1);
  }

  @Test
  void anAnswerFromTheCacheHasOneSpanThatSaysSo() {
    registry.measured(linear, Profile.Finding.YES);
    registry.load(linear, ServingSpec.DEFAULT.withCache(new ServingSpec.Cache("1h", "1Mi")));
    await().until(() -> inferOverHttp(headers(NOT_TRACED, "00")).equals("hit"));

    var trace = "9bf7651916cd43dd8448eb211c80319c";
    inferOverHttp(headers(trace, "01"));

    var span = spans.whole(trace, 1).get(0);
    assertThat(span.getName()).isEqualTo("cache");
    assertThat(span.getParentSpanId()).isEqualTo(GATEWAY);
    assertThat(span.getAttributes().get(AttributeKey.stringKey("millrace.cache"))).isEqualTo("hit");
    registry.load(linear, ServingSpec.DEFAULT);
    await().until(() -> inferOverHttp(headers(NOT_TRACED, "00")).isEmpty());
  }

  @Test
  void aCallThatEndsInTheQueueHasItsSpanOfTheQueueAlone() throws Exception {
    // Given a model that is busy until its callers leave
    var busy =
        registry.version(
            "busy", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.slowOnDemand(1)));
    registry.load(busy, new ServingSpec("30s", 1, null, 8));
    awaitReady(busy);
    var trace = "5bf7651916cd43dd8448eb211c80319c";
    try (var running = rawCall(busy, NOT_TRACED, "00");
        var next = rawCall(busy, NOT_TRACED, "00")) {
      await().until(() -> queueDepth() == 1);

      // When a third caller hangs up while it waits
      try (var third = rawCall(busy, trace, "01")) {
        await().until(() -> queueDepth() == 2);
      }

      // Then its trace shows where it was
      var queue = spans.whole(trace, 1).getFirst();
      assertThat(queue.getName()).isEqualTo("queue");
      assertThat(queue.getParentSpanId()).isEqualTo(GATEWAY);
      assertThat(queue.getAttributes().get(ERROR)).isEqualTo("cancelled");
      assertThat(queue.getEndEpochNanos()).isGreaterThan(queue.getStartEpochNanos());
      assertThat(queueDepth()).isEqualTo(1);
    }
    await().until(() -> queueDepth() == 0);
    assertThat(spans.of(trace)).hasSize(1);
    registry.unload(busy);
  }

  private int queueDepth() {
    return (int) meters.get("millrace.queue.depth").tag("endpoint", "busy").gauge().value();
  }

  /** A call whose run ends when its caller goes away, which is when the socket is closed. */
  private Socket rawCall(VersionKey target, String trace, String flags) throws IOException {
    var call = new StringBuilder("POST /v2/models/busy/infer HTTP/1.1\r\nhost: x\r\n");
    headers(target, trace, flags)
        .forEach((name, value) -> call.append(name).append(": ").append(value).append("\r\n"));
    call.append("content-length: ")
        .append(ENDLESS_ROW.length())
        .append("\r\n\r\n")
        .append(ENDLESS_ROW);
    var socket = new Socket(base.getHost(), base.getPort());
    socket.getOutputStream().write(call.toString().getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    return socket;
  }

  @Test
  void aCallWhoseRunFailsHasBothSpansWithTheError() {
    var table =
        registry.version(
            "table", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.gatherEmbedding(10, 2)));
    registry.load(table, ServingSpec.DEFAULT);
    awaitReady(table);
    var trace = "6bf7651916cd43dd8448eb211c80319c";
    var answer =
        caller.send(
            "POST",
            "/v2/models/table/infer",
            "{\"inputs\":[{\"name\":\"ids\",\"shape\":[1,1],\"datatype\":\"INT64\",\"data\":[99]}]}"
                .getBytes(StandardCharsets.UTF_8),
            headers(table, trace, "01"));

    assertThat(answer.statusCode()).isEqualTo(400);
    var both = spans.whole(trace, 2);
    assertThat(both).extracting(SpanData::getName).containsExactlyInAnyOrder("queue", "compute");
    assertThat(both).extracting(span -> span.getAttributes().get(ERROR)).containsOnly("run_failed");
  }

  @Test
  void aCallThatIsNotTracedHasNone() {
    var traced = "4bf7651916cd43dd8448eb211c80319c";
    inferOverHttp(headers(NOT_TRACED, "00"));
    inferOverHttp(headers(traced, "01"));
    assertThatBothAreThere(traced, 2);
    assertThat(spans.of(NOT_TRACED)).isEmpty();
  }
}
