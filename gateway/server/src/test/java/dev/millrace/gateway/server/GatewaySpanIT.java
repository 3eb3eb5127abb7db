package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.process.trace.CapturedSpans;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.ModelInferRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The span {@code gateway}, and the header that takes its place on the way to the runtime. */
@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
class GatewaySpanIT {
  private static final String CALLER = "b7ad6b7169203331";

  @Inject CapturedSpans spans;

  @TestHTTPResource("/")
  URI base;

  private Data data;
  private final FakeRuntime runtime = FakeRuntime.instance();

  @BeforeEach
  void knowsTheRegistry() {
    data = new Data(base, HttpClient.Version.HTTP_1_1);
    await().until(() -> data.send(data.request("/v2/health/ready")).statusCode() == 200);
  }

  private int infer(String model, String traceparent) throws Exception {
    return data.send(
            data.as(Keys.INVOKER, "/v2/models/" + model + "/infer")
                .header("traceparent", traceparent)
                .header("millrace-request-id", "traced-1")
                .POST(BodyPublishers.ofString("{}")))
        .statusCode();
  }

  private static String attribute(SpanData span, String name) {
    return span.getAttributes().get(AttributeKey.stringKey(name));
  }

  @Test
  void aTracedCallOverHttpHasASpanWithTheCallersAsParent() throws Exception {
    var trace = "1af7651916cd43dd8448eb211c80319c";
    infer("echo", "00-" + trace + "-" + CALLER + "-01");

    var span = spans.whole(trace, 1).getFirst();
    assertThat(span.getName()).isEqualTo("gateway");
    assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(span.getParentSpanId()).isEqualTo(CALLER);
    assertThat(attribute(span, "millrace.project")).isEqualTo("default");
    assertThat(attribute(span, "millrace.endpoint")).isEqualTo("echo");
    assertThat(span.getAttributes().get(AttributeKey.longKey("millrace.version"))).isPositive();
    assertThat(attribute(span, "millrace.protocol")).isEqualTo("http");
    assertThat(attribute(span, "millrace.code")).isEqualTo("200");
    assertThat(attribute(span, "millrace.request_id")).isEqualTo("traced-1");
    assertThat(span.getStatus()).isEqualTo(StatusData.unset());
    assertThat(span.getEndEpochNanos() - span.getStartEpochNanos())
        .isBetween(1L, TimeUnit.SECONDS.toNanos(20));
    assertThat(runtime.lastHeaders.get().get("traceparent"))
        .isEqualTo("00-" + trace + "-" + span.getSpanId() + "-01");
  }

  @Test
  void aTracedCallOverGrpcHasASpanWithTheCallersAsParent() throws Exception {
    var trace = "2af7651916cd43dd8448eb211c80319c";
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress(base.getHost(), base.getPort()).usePlaintext().build();
    try {
      var metadata = new Metadata();
      metadata.put(ascii("authorization"), "Bearer " + Keys.INVOKER);
      metadata.put(ascii("traceparent"), "00-" + trace + "-" + CALLER + "-01");
      var answer =
          GRPCInferenceServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
              .withDeadlineAfter(20, TimeUnit.SECONDS)
              .modelInfer(ModelInferRequest.newBuilder().setModelName("echo").build());
      assertThat(answer.getModelName()).isEqualTo("echo");
    } finally {
      channel.shutdownNow();
    }

    var span = spans.whole(trace, 1).getFirst();
    assertThat(span.getParentSpanId()).isEqualTo(CALLER);
    assertThat(attribute(span, "millrace.protocol")).isEqualTo("grpc");
    assertThat(attribute(span, "millrace.code")).isEqualTo("OK");
    assertThat(runtime.lastMetadata.get().get(ascii("traceparent")))
        .isEqualTo("00-" + trace + "-" + span.getSpanId() + "-01");
  }

  @Test
  void aFailureOfThePlatformIsMarkedAndACallersMistakeIsNot() throws Exception {
    var broken = "3af7651916cd43dd8448eb211c80319c";
    var unknown = "4af7651916cd43dd8448eb211c80319c";
    assertThat(infer("broken", "00-" + broken + "-" + CALLER + "-01")).isEqualTo(500);
    assertThat(infer("nosuch", "00-" + unknown + "-" + CALLER + "-01")).isEqualTo(404);

    assertThat(spans.whole(broken, 1).getFirst().getStatus()).isEqualTo(StatusData.error());
    var refused = spans.whole(unknown, 1).getFirst();
    assertThat(refused.getStatus()).isEqualTo(StatusData.unset());
    assertThat(attribute(refused, "millrace.endpoint")).isNull();
  }

  @Test
  void aCallThatAsksNotToBeTracedIsNotAndItsHeaderGoesOnAsItIs() throws Exception {
    var not = "5af7651916cd43dd8448eb211c80319c";
    var traced = "6af7651916cd43dd8448eb211c80319c";
    infer("echo", "00-" + not + "-" + CALLER + "-00");
    assertThat(runtime.lastHeaders.get().get("traceparent"))
        .isEqualTo("00-" + not + "-" + CALLER + "-00");

    infer("echo", "00-" + traced + "-" + CALLER + "-01");
    spans.whole(traced, 1);
    assertThat(spans.of(not)).isEmpty();
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
