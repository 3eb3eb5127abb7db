package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.RawGrpc;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Rows of the table of errors that need a platform in a certain state: the same failure over REST
 * and gRPC, with the pause after which to come again. The others are in the protocol's suite.
 */
interface ErrorRowsContract {
  /** The platform; models are added to it, none is changed. */
  Platform platform();

  private HttpResponse<String> send(String verb, String path, String body, String... headers)
      throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(platform().url().resolve(path))
              .header("authorization", "Bearer " + platform().key())
              .method(verb, HttpRequest.BodyPublishers.ofString(body));
      if (headers.length > 0) {
        request.headers(headers);
      }
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private HttpResponse<String> inferOverRest(String model) throws Exception {
    return send(
        "POST",
        "/v2/models/" + model + "/infer",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}");
  }

  private MillraceException inferOverGrpc(String model) throws Exception {
    var row = Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4);
    byte[] message =
        GrpcInferCodec.encodeRequest(
                new InferRequest(model, "", "", Map.of(), List.of(row), List.of()),
                GrpcEncoding.RAW)
            .toByteArray();
    try (var grpc = new RawGrpc(platform().url(), platform().key())) {
      return grpc.send(RawGrpc.frame(0, message.length, message), Map.of()).orElseThrow();
    }
  }

  private Millrace client() {
    return Millrace.connect(platform().url().toString(), Credentials.apiKey(platform().key()));
  }

  private static void assertIs(ErrorCode code, HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code.httpStatus());
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    var body = ControlJson.lenient().readTree(answer.body());
    assertThat(body.path("code").asText()).isEqualTo(code.name());
    assertThat(body.path("retryable").asBoolean()).isEqualTo(code.retryable());
  }

  @Test
  default void aModelThatIsNotReadySaysWhenToComeAgainOverEveryProtocol() throws Exception {
    // No runtime is of that pool.
    var spec = new EndpointSpec("conformance", 1, null, null, "nowhere");
    try (var client = client()) {
      client.control().putEndpoint("nowhere", spec, OptionalLong.empty());
    }
    Awaitility.await("the gateway has heard")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertIs(ErrorCode.MODEL_NOT_READY, inferOverRest("nowhere")));
    assertThat(inferOverRest("nowhere").headers().firstValue("retry-after")).isPresent();
    var refused = inferOverGrpc("nowhere");
    assertThat(refused.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    assertThat(refused.retryAfter()).as("RetryInfo").isPresent();
  }

  @Test
  default void aRevisionThatDoesNotHoldIsStale() throws Exception {
    var endpoint = send("GET", "/api/v1/endpoints/conformance", "");
    assertThat(endpoint.statusCode()).isEqualTo(200);
    assertIs(
        ErrorCode.STALE_REVISION,
        send(
            "PUT",
            "/api/v1/endpoints/conformance",
            ControlJson.lenient().readTree(endpoint.body()).path("spec").toString(),
            "if-match",
            "\"999999\"",
            "content-type",
            "application/json"));
  }

  @Test
  default void openAiErrorsHaveOpenAisForm() throws Exception {
    var answer = send("POST", "/v1/embeddings", "{\"model\":\"no-such-model\",\"input\":\"a\"}");
    assertThat(answer.statusCode()).isEqualTo(404);
    var error = ControlJson.lenient().readTree(answer.body()).path("error");
    assertThat(error.path("message").asText()).contains("no-such-model");
    assertThat(error.path("type").asText()).isEqualTo("not_found_error");
    assertThat(error.has("param")).isTrue();
    assertThat(error.path("code").asText()).isEqualTo("NOT_FOUND");
    assertThat(answer.headers().firstValue("x-request-id")).isPresent();
    assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
  }
}
