package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.e2e.support.PlainHttp;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.Rollouts;
import dev.millrace.e2e.support.TraceCollector;
import dev.millrace.e2e.support.TraceCollector.ReceivedSpan;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.onnx.TinyModels;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One call, one trace: the spans of gateway, queue and compute, in both shapes of the platform. */
class TraceE2E {
  private static final String CALLER = "b7ad6b7169203331";
  private static final String OVER_HTTP = "1af7651916cd43dd8448eb211c80319c";
  private static final String OVER_GRPC = "2af7651916cd43dd8448eb211c80319c";

  @TempDir Path directory;

  private static Map<String, String> settings(TraceCollector collector) {
    return Map.of(
        "millrace.telemetry.traces.enabled", "true",
        "millrace.telemetry.traces.ratio", "0",
        "millrace.telemetry.traces.endpoint", collector.endpoint().toString());
  }

  @Test
  void inOneProcess() throws Exception {
    try (var collector = new TraceCollector();
        var platform = Platform.standalone(directory, 0, settings(collector))) {
      callAndCheck(platform, collector);
    }
  }

  @Test
  void inThreeProcesses() throws Exception {
    try (var collector = new TraceCollector();
        var platform = Platform.threeProcesses(directory, settings(collector))) {
      callAndCheck(platform, collector);
    }
  }

  private void callAndCheck(Platform platform, TraceCollector collector) throws Exception {
    Path model = Files.write(directory.resolve("linear.onnx"), TinyModels.linear(4, 3));
    try (var client =
        Millrace.connect(platform.url().toString(), Credentials.apiKey(platform.key()))) {
      Rollouts.deploy(client, "linear", model);
    }
    callOverHttp(platform);
    callOverGrpc(platform);
    check(collector, OVER_HTTP);
    check(collector, OVER_GRPC);
  }

  private static String traceparent(String trace) {
    return "00-" + trace + "-" + CALLER + "-01";
  }

  private static void callOverHttp(Platform platform) throws Exception {
    var request =
        HttpRequest.newBuilder(platform.url().resolve("/v2/models/linear/infer"))
            .header("Authorization", "Bearer " + platform.key())
            .header("traceparent", traceparent(OVER_HTTP))
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\","
                        + "\"data\":[1,2,3,4]}]}"))
            .build();
    try (var http = PlainHttp.client()) {
      assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }
  }

  private static void callOverGrpc(Platform platform) {
    var channel =
        Grpc.newChannelBuilder(platform.grpcTarget(), InsecureChannelCredentials.create()).build();
    try {
      var metadata = new Metadata();
      metadata.put(ascii("authorization"), "Bearer " + platform.key());
      metadata.put(ascii("traceparent"), traceparent(OVER_GRPC));
      var request =
          new InferRequest(
              "linear",
              "",
              "",
              Map.of(),
              List.of(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4)),
              List.of());
      var answer =
          GRPCInferenceServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .modelInfer(GrpcInferCodec.encodeRequest(request, GrpcEncoding.RAW));
      assertThat(answer.getModelName()).isEqualTo("linear");
    } finally {
      channel.shutdownNow();
    }
  }

  private static void check(TraceCollector collector, String trace) {
    var spans =
        Awaitility.await("three spans of " + trace)
            .atMost(Duration.ofSeconds(20))
            .until(() -> collector.trace(trace), found -> found.size() == 3);
    assertThat(spans)
        .extracting(ReceivedSpan::name)
        .containsExactlyInAnyOrder("gateway", "queue", "compute");
    var gateway = spans.stream().filter(span -> span.name().equals("gateway")).findFirst();
    assertThat(gateway.orElseThrow().parentId()).isEqualTo(CALLER);
    assertThat(spans)
        .filteredOn(span -> !span.name().equals("gateway"))
        .extracting(ReceivedSpan::parentId)
        .containsOnly(gateway.orElseThrow().spanId());
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
