package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.map;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.ControlJson;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client of OpenAI's API sees of the gateway itself. */
@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
class OpenAiRoutesIT {
  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/", management = true)
  URI management;

  private Data data;
  private final FakeRuntime runtime = FakeRuntime.instance();

  @BeforeEach
  void knowsTheRegistry() {
    data = new Data(base, HttpClient.Version.HTTP_1_1);
    await().until(() -> data.send(data.request("/v2/health/ready")).statusCode() == 200);
  }

  @ParameterizedTest
  @CsvSource({
    "PUT,/v1/rerank,mr_invoker_s3cret_with_parts,METHOD_NOT_ALLOWED,405",
    "POST,/openai/v1/models,mr_invoker_s3cret_with_parts,METHOD_NOT_ALLOWED,405",
    "POST,/v1/chat/completions,mr_invoker_s3cret_with_parts,NOT_FOUND,404",
    "POST,/v1,mr_invoker_s3cret_with_parts,NOT_FOUND,404",
    "GET,/openai/v1/models/nobody,mr_invoker_s3cret_with_parts,NOT_FOUND,404",
    "POST,/v1/classify,mr_nobody_s3cret,UNAUTHENTICATED,401",
    "POST,/openai/v1/tokenize,mr_viewer_s3cret,PERMISSION_DENIED,403",
    "POST,/v1/embeddings,mr_stranger_s3cret,NOT_FOUND,404"
  })
  void everyRefusalHasOpenAisForm(String verb, String path, String key, String code, int status)
      throws Exception {
    var body = BodyPublishers.ofString("{\"model\":\"text\"}");

    var answer = data.send(data.as(key, path).method(verb, body));

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(json(answer.body()).get("error"))
        .asInstanceOf(map(String.class, Object.class))
        .containsEntry("code", code)
        .containsKeys("message", "type", "param");
    assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
    assertThat(answer.headers().firstValue("x-request-id")).isPresent();
  }

  @Test
  void aLargeBodyIsRefusedInOpenAisForm() throws Exception {
    var body = BodyPublishers.ofByteArray(new byte[2_500_000]);

    var answer = data.send(data.as(Keys.INVOKER, "/v1/embeddings").POST(body));

    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(json(answer.body()).get("error"))
        .asInstanceOf(map(String.class, Object.class))
        .containsEntry("code", "PAYLOAD_TOO_LARGE")
        .containsEntry("type", "invalid_request_error");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/rerank", "/openai/v1/classify", "/openai/v1/tokenize"})
  void goesToTheModelOfTheBody(String path) throws Exception {
    var answer = data.post(Keys.INVOKER, path, "{\"model\":\"text\",\"input\":\"a\"}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(runtime.lastUri.get()).isEqualTo(path.replace("/openai", ""));
    assertThat(runtime.lastHeaders.get().get("millrace-internal-target"))
        .isEqualTo("default/text/1");
  }

  @Test
  void listsModelsInOpenAisForm() throws Exception {
    var list = json(data.get(Keys.VIEWER, "/openai/v1/models").body());
    var one = json(data.get(Keys.VIEWER, "/openai/v1/models/text").body());

    assertThat(list).containsEntry("object", "list");
    assertThat(one)
        .containsEntry("id", "text")
        .containsEntry("object", "model")
        .containsEntry("owned_by", "default")
        .containsKey("created");
    assertThat(data.get(Keys.STRANGER, "/v1/models/text").statusCode()).isEqualTo(404);
  }

  @Test
  void countsAsOpenAi() throws Exception {
    data.post(Keys.INVOKER, "/v1/rerank", "{\"model\":\"text\"}");

    var request = java.net.http.HttpRequest.newBuilder(management.resolve("/q/metrics"));
    await()
        .untilAsserted(
            () ->
                assertThat(data.send(request).body().lines())
                    .anyMatch(
                        line ->
                            line.startsWith("millrace_requests_total{")
                                && line.contains("endpoint=\"text\"")
                                && line.contains("protocol=\"openai\"")));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> json(String body) throws IOException {
    return ControlJson.lenient().readValue(body, Map.class);
  }
}
