package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same calls over every transport, against servers that double each number. */
class InferenceIT {
  private FakeGateway http;
  private FakeInferenceServer grpc;

  @BeforeEach
  void start() throws Exception {
    http = new FakeGateway();
    FakeGateway.Route infer =
        (exchange, seen) -> {
          String header = exchange.getRequestHeaders().getFirst("Inference-Header-Content-Length");
          InferRequest request =
              HttpInferCodec.decodeRequest(
                  ByteBuffer.wrap(seen.body()),
                  HttpInferCodec.jsonLength(header, seen.body().length));
          var body = HttpInferCodec.encodeResponse(doubled("m", request), request);
          if (body.binary()) {
            exchange
                .getResponseHeaders()
                .set("Inference-Header-Content-Length", Integer.toString(body.jsonLength()));
          }
          var bytes = new byte[Math.toIntExact(body.size())];
          body.joined().get(bytes);
          FakeGateway.send(exchange, 200, body.contentType(), bytes);
        };
    http.on("POST /v2/models/m/infer", infer);
    http.on("POST /v2/models/m/versions/7/infer", infer);
    http.on(
        "GET /v2/models/m",
        200,
        "{\"name\":\"m\",\"platform\":\"onnxruntime_onnx\","
            + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,2]}],"
            + "\"outputs\":[]}");
    http.on("GET /v2/models/m/ready", 200, "{}");
    http.on("GET /v2", 200, "{\"name\":\"fake\",\"version\":\"1\",\"extensions\":[]}");
    grpc = new FakeInferenceServer(InferenceIT::doubled);
  }

  @AfterEach
  void stop() {
    http.close();
    grpc.close();
  }

  static InferResponse doubled(String model, InferRequest request) {
    Tensor x = request.inputs().get(0);
    float[] values = Tensors.floatArray(x);
    for (int i = 0; i < values.length; i++) {
      values[i] *= 2;
    }
    String version = request.modelVersion().isEmpty() ? "1" : request.modelVersion();
    return new InferResponse(
        model, version, request.id(), Map.of(), List.of(Tensors.float32("y", values, x.shape())));
  }

  private Millrace connect(Transport transport) {
    String url = transport == Transport.GRPC ? grpc.url() : http.url();
    return Millrace.connect(
        url, Credentials.apiKey("k1"), ClientOptions.DEFAULT.withTransport(transport));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void sendsTensorsAndReadsTheAnswer(Transport transport) {
    try (Millrace millrace = connect(transport)) {
      var call =
          InferCall.of(Tensors.float32("x", new float[] {1.5f, -2, 0, 4}, 2, 2))
              .withId("call-1")
              .withDeadline(Duration.ofSeconds(20));

      InferResult result = millrace.endpoint("m").infer(call);

      assertThat(Tensors.floatArray(result.output("y"))).containsExactly(3f, -4f, 0f, 8f);
      assertThat(result.output("y").shape()).containsExactly(2, 2);
      assertThat(result.response().id()).isEqualTo("call-1");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void takesADirectBufferWithoutCopyingIt(Transport transport) {
    ByteBuffer direct = ByteBuffer.allocateDirect(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < direct.capacity(); i += 4) {
      direct.putFloat(i, i);
    }
    var tensor =
        new Tensor(
            "x",
            dev.millrace.protocol.tensor.DataType.FP32,
            new long[] {direct.capacity() / 4},
            direct);
    try (Millrace millrace = connect(transport)) {
      var y = millrace.endpoint("m").infer(tensor).floats("y");

      assertThat(y.remaining()).isEqualTo(direct.capacity() / 4);
      assertThat(y.get(y.limit() - 1)).isEqualTo(2f * (direct.capacity() - 4));
      assertThat(direct.position()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void describesAndLooksAfterAModel(Transport transport) {
    try (Millrace millrace = connect(transport)) {
      var metadata = millrace.endpoint("m").metadata();

      assertThat(metadata.inputs().get(0).name()).isEqualTo("x");
      assertThat(metadata.inputs().get(0).shape()).containsExactly(-1L, 2L);
      assertThat(metadata.versions()).isEmpty();
      assertThat(millrace.endpoint("m").ready()).isTrue();
      assertThat(millrace.endpoint("unknown").ready()).isFalse();
      assertThat(millrace.server().name()).isEqualTo("fake");
    }
  }

  @Test
  void httpNamesTheVersionInThePathAndTheBudgetInAHeader() {
    try (Millrace millrace = connect(Transport.HTTP_BINARY)) {
      var call =
          InferCall.of(Tensors.float32("x", new float[] {1}, 1))
              .withVersion("7")
              .withDeadline(Duration.ofSeconds(9));

      millrace.endpoint("m").infer(call);

      assertThat(http.last().target()).isEqualTo("/v2/models/m/versions/7/infer");
      assertThat(http.last().header("millrace-timeout")).isEqualTo("9000");
      assertThat(http.last().header("content-type")).isEqualTo("application/octet-stream");
      assertThat(http.last().header("authorization")).isEqualTo("Bearer k1");
    }
  }

  @Test
  void grpcCarriesVersionCredentialAndDeadline() {
    try (Millrace millrace = connect(Transport.GRPC)) {
      var call = InferCall.of(Tensors.float32("x", new float[] {1}, 1)).withVersion("7");

      assertThat(millrace.endpoint("m").infer(call).version()).isEqualTo("7");
      assertThat(grpc.lastAuthorization()).isEqualTo("Bearer k1");
    }
  }

  @Test
  void grpcFailuresCarryCodeDetailsAndRequestId() {
    grpc.failWith(
        MillraceException.of(ErrorCode.MODEL_NOT_READY, "'m' is loading")
            .withDetail("stage", "admission"));
    try (Millrace millrace = connect(Transport.GRPC)) {
      var failure =
          catchThrowableOfType(
              MillraceException.class,
              () -> millrace.endpoint("m").infer(Tensors.float32("x", new float[] {1}, 1)));

      assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
      assertThat(failure.message()).isEqualTo("'m' is loading");
      assertThat(failure.details())
          .containsEntry("stage", "admission")
          .containsEntry("requestId", "r-9");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void nothingThatListensIsToldFromATroubledServer(Transport transport) {
    Millrace millrace = connect(transport);
    http.close();
    grpc.close();
    try (millrace) {
      var failure =
          catchThrowableOfType(
              MillraceException.class,
              () -> millrace.endpoint("m").infer(Tensors.float32("x", new float[] {1}, 1)));

      assertThat(failure.code()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(failure.details()).containsEntry("stage", "connect");
    }
  }

  @Test
  void embedsTextsOverTheOpenAiRoute() {
    http.on(
        "POST /v1/embeddings",
        200,
        "{\"object\":\"list\",\"model\":\"m\",\"data\":[{\"index\":0,\"embedding\":\"AAAAPwAAgL8=\"},"
            + "{\"index\":1,\"embedding\":[1,2]}],\"usage\":{\"prompt_tokens\":9}}");
    try (Millrace millrace = connect(Transport.HTTP_BINARY)) {
      Embeddings embeddings = millrace.embeddings("m", List.of("a", "b"));

      assertThat(embeddings.vectors().get(0)).containsExactly(0.5f, -1f);
      assertThat(embeddings.vectors().get(1)).containsExactly(1f, 2f);
      assertThat(embeddings.promptTokens()).isEqualTo(9);
      assertThat(new String(http.last().body(), StandardCharsets.UTF_8))
          .contains("\"input\":[\"a\",\"b\"]")
          .contains("\"model\":\"m\"");
    }
  }

  @Test
  void reranksAndClassifies() {
    http.on(
        "POST /v1/rerank",
        200,
        "{\"model\":\"m\",\"results\":[{\"index\":1,\"relevance_score\":0.75}],"
            + "\"usage\":{\"total_tokens\":7}}");
    http.on(
        "POST /v1/classify",
        200,
        "{\"model\":\"m\",\"data\":[{\"index\":0,\"predictions\":[{\"label\":\"ham\",\"score\":0.5}]}],"
            + "\"usage\":{\"total_tokens\":3}}");
    try (Millrace millrace = connect(Transport.HTTP_BINARY)) {
      assertThat(millrace.rerank("m", "q", List.of("a", "b"), 1))
          .isEqualTo(new Ranking("m", List.of(new Ranking.Result(1, 0.75f)), 7));
      assertThat(new String(http.last().body(), StandardCharsets.UTF_8))
          .contains("\"query\":\"q\"")
          .contains("\"top_n\":1");
      assertThat(millrace.classify("m", List.of("x")))
          .isEqualTo(
              new Classifications(
                  "m", List.of(List.of(new Classifications.Label("ham", 0.5f))), 3));
    }
  }

  @Test
  void readsTheOpenAiFormOfAFailure() {
    http.on(
        "POST /v1/embeddings",
        400,
        "{\"error\":{\"message\":\"'m' has no tokenizer\",\"type\":\"invalid_request_error\","
            + "\"param\":\"model\",\"code\":\"INVALID_ARGUMENT\"}}");
    try (Millrace millrace = connect(Transport.HTTP_BINARY)) {
      var failure =
          catchThrowableOfType(
              MillraceException.class, () -> millrace.embeddings("m", List.of("a")));

      assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(failure.message()).isEqualTo("'m' has no tokenizer");
    }
  }
}
