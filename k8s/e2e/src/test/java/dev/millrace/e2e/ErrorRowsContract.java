package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.e2e.support.BothProtocols;
import dev.millrace.e2e.support.Platform;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.error.ErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Rows of the table of errors that need a platform in a certain state: the same failure over REST
 * and gRPC, with the pause after which to come again. Those of a busy model are in {@link
 * BusyRowsContract}, the others in the protocol's suite.
 */
interface ErrorRowsContract {
  float[] ROW = {1, 2, 3, 4};

  /** The platform; models are added to it, none is changed. */
  Platform platform();

  private BothProtocols calls() {
    return new BothProtocols(platform());
  }

  private Millrace client() {
    return Millrace.connect(platform().url().toString(), Credentials.apiKey(platform().key()));
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
        .untilAsserted(
            () -> BothProtocols.assertIs(ErrorCode.MODEL_NOT_READY, calls().rest("nowhere", ROW)));
    assertThat(calls().rest("nowhere", ROW).headers().firstValue("retry-after")).isPresent();
    var refused = calls().grpc("nowhere", ROW, Map.of());
    assertThat(refused.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    assertThat(refused.retryAfter()).as("RetryInfo").isPresent();
  }

  @Test
  default void aRevisionThatDoesNotHoldIsStale() throws Exception {
    var endpoint = calls().send("GET", "/api/v1/endpoints/conformance", "");
    assertThat(endpoint.statusCode()).isEqualTo(200);
    BothProtocols.assertIs(
        ErrorCode.STALE_REVISION,
        calls()
            .send(
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
    var answer =
        calls().send("POST", "/v1/embeddings", "{\"model\":\"no-such-model\",\"input\":\"a\"}");
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
