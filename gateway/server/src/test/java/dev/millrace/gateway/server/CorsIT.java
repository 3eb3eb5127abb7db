package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages of one origin may call. */
@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
@TestProfile(CorsIT.OnePage.class)
class CorsIT {
  private static final String PAGE = "https://app.example.com";

  public static class OnePage implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("millrace.gateway.cors.origins", PAGE);
    }
  }

  @TestHTTPResource("/")
  URI base;

  private Data data;

  @BeforeEach
  void knowsTheRegistry() {
    data = new Data(base, HttpClient.Version.HTTP_1_1);
    await().until(() -> data.send(data.request("/v2/health/ready")).statusCode() == 200);
  }

  private HttpResponse<String> ask(String origin, String path, String verb) throws Exception {
    return data.send(
        data.request(path)
            .method("OPTIONS", BodyPublishers.noBody())
            .header("origin", origin)
            .header("access-control-request-method", verb)
            .header(
                "access-control-request-headers", "authorization,content-type,millrace-timeout"));
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/models/echo/infer, POST",
    "/v1/embeddings, POST",
    "/api/v1/endpoints/echo, PUT",
    "/api/v1/models, GET"
  })
  void answersTheBrowsersQuestionWithoutACredential(String path, String verb) throws Exception {
    var answer = ask(PAGE, path, verb);

    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(header(answer, "access-control-allow-origin")).isEqualTo(PAGE);
    assertThat(header(answer, "access-control-allow-methods")).contains(verb);
    assertThat(header(answer, "access-control-allow-headers"))
        .isEqualTo("authorization,content-type,millrace-timeout");
    assertThat(header(answer, "access-control-max-age")).isEqualTo("3600");
    assertThat(header(answer, "vary")).isEqualTo("Origin");
    assertThat(header(answer, "millrace-request-id")).isNotEmpty();
    assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-credentials");
  }

  private static HttpRequest.Builder from(String origin, HttpRequest.Builder request) {
    return request.header("origin", origin);
  }

  @Test
  void letsThePageReadAnswersAndFailures() throws Exception {
    var post = BodyPublishers.ofString("{}");
    var infer = data.send(from(PAGE, data.as(Keys.INVOKER, "/v2/models/echo/infer")).POST(post));
    var control = data.send(from(PAGE, data.as(Keys.VIEWER, "/api/v1/models?page=2")).GET());
    var refused = data.send(from(PAGE, data.request("/v2/models/echo/infer")).POST(post));

    assertThat(infer.statusCode()).isEqualTo(200);
    assertThat(control.statusCode()).isEqualTo(200);
    assertThat(refused.statusCode()).isEqualTo(401);
    for (var answer : java.util.List.of(infer, control, refused)) {
      assertThat(answer.headers().allValues("access-control-allow-origin")).containsExactly(PAGE);
      assertThat(header(answer, "access-control-expose-headers"))
          .contains("millrace-request-id")
          .contains("millrace-model-version")
          .contains("server-timing")
          .contains("retry-after");
      assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-credentials");
    }
  }

  @ParameterizedTest
  @CsvSource({"https://app.example.com.evil.example", "http://app.example.com", "null"})
  void givesOtherPagesNoPermission(String origin) throws Exception {
    var asked = ask(origin, "/v2/models/echo/infer", "POST");
    assertThat(asked.statusCode()).isEqualTo(405);
    assertThat(asked.headers().map()).doesNotContainKey("access-control-allow-origin");
    var answer =
        data.send(
            from(origin, data.as(Keys.INVOKER, "/v2/models/echo/infer"))
                .POST(BodyPublishers.ofString("{}")));
    assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-origin");
    assertThat(header(answer, "vary")).isEqualTo("Origin");
  }
}
