package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import dev.millrace.runtime.server.telemetry.CapturedSpans;
import dev.millrace.testkit.onnx.TinyModels;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
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
  private static final AttributeKey<Long> ROWS = AttributeKey.longKey("millrace.batch.rows");
  private static final String NOT_TRACED = "3bf7651916cd43dd8448eb211c80319c";

  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;
  @Inject CapturedSpans spans;

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
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var reported = registry.reported(linear);
              return reported != null && reported.state() == ReplicaState.READY;
            });
  }

  @AfterEach
  void closeCaller() {
    caller.close();
  }

  private Map<String, String> headers(String trace, String flags) {
    var headers = RuntimeCaller.headers(linear);
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

    var trace = "5bf7651916cd43dd8448eb211c80319c";
    inferOverHttp(headers(trace, "01"));

    var span = spans.whole(trace, 1).get(0);
    assertThat(span.getName()).isEqualTo("cache");
    assertThat(span.getParentSpanId()).isEqualTo(GATEWAY);
    assertThat(span.getAttributes().get(AttributeKey.stringKey("millrace.cache"))).isEqualTo("hit");
    registry.load(linear, ServingSpec.DEFAULT);
    await().until(() -> inferOverHttp(headers(NOT_TRACED, "00")).isEmpty());
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
