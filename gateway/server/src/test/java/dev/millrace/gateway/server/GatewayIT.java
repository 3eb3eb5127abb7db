package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.ControlJson;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
class GatewayIT {
  private static final String INFER = "/v2/models/echo/infer";

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

  @SuppressWarnings("unchecked")
  private static Map<String, Object> json(String body) throws IOException {
    return ControlJson.lenient().readValue(body, Map.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/health/live", "/v2/health/ready"})
  void answersHealthToAnybody(String path) throws Exception {
    var answer = data.send(data.request(path));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(answer.headers().firstValue("millrace-request-id")).isPresent();
  }

  @Test
  void theManagementPortSaysWhetherTheGatewayIsReady() throws Exception {
    var answer = data.send(HttpRequest.newBuilder(management.resolve("/q/health/ready")));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(json(answer.body()).get("checks").toString()).contains("name=gateway, status=UP");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/q/health",
        "/q/metrics",
        "/internal/v1/snapshot",
        "/api/v2",
        "/v2/models",
        "/v2/models/echo/nothing",
        "/api/v1/../../internal/v1/members",
        "/api/v1/%2e%2E/x"
      })
  void hasNothingAtOtherPaths(String path) throws Exception {
    try (var client = new Socket(base.getHost(), base.getPort())) {
      client
          .getOutputStream()
          .write(
              ("GET "
                      + path
                      + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                      + Keys.ADMIN
                      + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      var answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 404").contains("\"code\":\"NOT_FOUND\"");
    }
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void forwardsTheBytesUntouched(HttpClient.Version version) throws Exception {
    var either = new Data(base, version);
    var body = new byte[1_500_000];
    new java.util.Random(4).nextBytes(body);
    var request =
        either
            .as(Keys.INVOKER, INFER + "?a=b%20c")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("millrace-request-id", "my.id-1")
            .header("millrace-internal-target", "forged/model/9")
            .header("millrace-internal-project", "forged")
            .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
            .POST(BodyPublishers.ofByteArray(body));
    var answer = either.client().send(request.build(), BodyHandlers.ofByteArray());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(body);
    assertThat(answer.headers().map())
        .containsEntry("millrace-request-id", java.util.List.of("my.id-1"))
        .containsEntry("millrace-model-version", java.util.List.of("1"))
        .containsEntry("millrace-replica", java.util.List.of("live"))
        .containsEntry("server-timing", java.util.List.of("compute;dur=1"))
        .doesNotContainKey("endpoint-load-metrics");
    var sent = runtime.lastHeaders.get();
    assertThat(runtime.lastUri.get()).isEqualTo(INFER + "?a=b%20c");
    assertThat(sent.getAll("millrace-internal-target")).containsExactly("default/echo/1");
    assertThat(sent.get("millrace-internal-endpoint")).isEqualTo("echo");
    assertThat(sent.get("millrace-internal-token")).isEqualTo("cluster-secret");
    assertThat(sent.getAll("millrace-internal-project")).containsExactly("default");
    assertThat(sent.get("millrace-request-id")).isEqualTo("my.id-1");
    assertThat(sent.get("content-type")).isEqualTo("application/x-www-form-urlencoded");
    assertThat(sent.get("traceparent")).startsWith("00-0af7651916cd43dd8448eb211c80319c");
    assertThat(Long.parseLong(sent.get("millrace-timeout"))).isBetween(20_000L, 30_000L);
    assertThat(sent.contains("authorization")).isFalse();
  }

  @Test
  void forwardsABodyOfUnknownLength() throws Exception {
    var bytes = new byte[300_000];
    var stream = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes));
    var answer =
        data.client()
            .send(data.as(Keys.ADMIN, INFER).POST(stream).build(), BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).hasSize(300_000);
  }

  @Test
  void acceptsAVersionAndAnAlias() throws Exception {
    assertThat(data.post(Keys.ADMIN, "/v2/models/echo/versions/2/infer", "{}").statusCode())
        .isEqualTo(200);
    assertThat(runtime.lastHeaders.get().get("millrace-internal-target"))
        .isEqualTo("default/echo/2");
    assertThat(data.get(Keys.ADMIN, "/v2/models/echo/versions/champion").statusCode())
        .isEqualTo(200);
    assertThat(runtime.lastHeaders.get().get("millrace-internal-target"))
        .isEqualTo("default/echo/1");
  }

  @Test
  void asksForACredential() throws Exception {
    var none = data.send(data.request(INFER).POST(BodyPublishers.ofString("{}")));
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(none.headers().firstValue("www-authenticate")).hasValue("Bearer realm=\"millrace\"");
    assertThat(json(none.body())).containsEntry("code", "UNAUTHENTICATED");

    var wrong = data.post("mr_admin_wrong", INFER, "{}");
    var unknown = data.post("mr_nobody_s3cret", INFER, "{}");
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(wrong.body()).isEqualTo(unknown.body());
  }

  @Test
  void asksForARole() throws Exception {
    assertThat(data.get(Keys.VIEWER, "/v2/models/echo").statusCode()).isEqualTo(200);
    var refused = data.post(Keys.VIEWER, INFER, "{}");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(json(refused.body())).containsEntry("code", "PERMISSION_DENIED");
    assertThat(data.post(Keys.INVOKER, "/api/v1/models/x/versions", "").statusCode())
        .isEqualTo(403);
  }

  @Test
  void tellsOtherProjectsNamesFromNothing() throws Exception {
    var foreign = data.post(Keys.ADMIN, "/v2/models/secret/infer", "{}");
    var nothing = data.post(Keys.ADMIN, "/v2/models/nobody/infer", "{}");
    assertThat(foreign.statusCode()).isEqualTo(404);
    assertThat(foreign.body().replace("secret", "nobody")).isEqualTo(nothing.body());
    assertThat(data.post(Keys.STRANGER, "/v2/models/secret/infer", "{}").statusCode())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/v2/models/echo/infer,POST",
    "POST,/v2/models/echo/ready,GET",
    "DELETE,/v2/health/live,GET",
    "POST,/v2,GET",
    "PUT,/v2/models/echo,GET",
    "POST,/v2/models/echo/config,GET",
    "GET,/v2/models/echo/versions/1/infer,POST",
    "POST,/q/openapi,GET",
    "OPTIONS,/v2/models/echo/infer,POST"
  })
  void namesTheVerbThatIsOffered(String verb, String path, String allowed) throws Exception {
    var answer =
        data.send(
            data.as(Keys.ADMIN, path)
                .header("origin", "https://app.example.com")
                .header("access-control-request-method", "POST")
                .method(verb, BodyPublishers.noBody()));
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).hasValue(allowed);
    assertThat(json(answer.body())).containsEntry("code", "METHOD_NOT_ALLOWED");
    // Pages of other origins are none of this gateway's business unless it is told so.
    assertThat(answer.headers().map())
        .doesNotContainKeys("access-control-allow-origin", "vary", "access-control-allow-methods");
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/v1/embeddings,405,POST",
    "POST,/v1/models,405,GET",
    "DELETE,/openai/v1/models/text,405,GET",
    "POST,/v1,404,",
    "GET,/v1/nothing,404,",
    "POST,/openai/v1/chat/completions,404,",
    "POST,/openai/v2/embeddings,404,"
  })
  void refusesInOpenAisFormWhatIsNotThere(String verb, String path, int status, String allowed)
      throws Exception {
    var answer = data.send(data.as(Keys.ADMIN, path).method(verb, BodyPublishers.noBody()));
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("allow").orElse(null)).isEqualTo(allowed);
    assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
    assertThat(json(answer.body()).get("error"))
        .extracting("code")
        .isEqualTo(status == 405 ? "METHOD_NOT_ALLOWED" : "NOT_FOUND");
  }

  @Test
  void saysWhatALoadingModelWaitsFor() throws Exception {
    var answer = data.post(Keys.ADMIN, "/v2/models/loading/infer", "{}");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("retry-after")).hasValue("1");
    assertThat(json(answer.body()))
        .containsEntry("code", "MODEL_NOT_READY")
        .containsEntry("retryable", true);
  }

  @ParameterizedTest
  @ValueSource(ints = {2_500_000, 30_000_000})
  void refusesALargeBodySoThatTheClientSeesIt(int size) throws Exception {
    var announced =
        data.send(data.as(Keys.ADMIN, INFER).POST(BodyPublishers.ofByteArray(new byte[size])));
    assertThat(announced.statusCode()).isEqualTo(413);
    assertThat(json(announced.body())).containsEntry("code", "PAYLOAD_TOO_LARGE");

    var chunked = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[size]));
    var streamed = data.send(data.as(Keys.ADMIN, INFER).POST(chunked));
    assertThat(streamed.statusCode()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void keepsTheConnectionAfterAnEarlyAnswer(boolean chunked) throws Exception {
    var length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 100000";
    var next = "GET /v2/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    try (var client = new Socket(base.getHost(), base.getPort())) {
      var out = client.getOutputStream();
      out.write(toNobody(length));
      out.write((chunked ? "186a0\r\n" : "").getBytes(StandardCharsets.US_ASCII));
      out.write(new byte[100_000]);
      out.write((chunked ? "\r\n0\r\n\r\n" : "").getBytes(StandardCharsets.US_ASCII));
      out.write(next.getBytes(StandardCharsets.US_ASCII));
      var answers = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answers)
          .startsWith("HTTP/1.1 404")
          .contains("HTTP/1.1 200")
          .contains("{\"live\":true}");
    }
  }

  @Test
  void doesNotReadABodyWithoutEndAfterAnEarlyAnswer() throws Exception {
    var chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
    try (var client = new Socket(base.getHost(), base.getPort())) {
      client.setSoTimeout(20_000);
      var out = client.getOutputStream();
      out.write(toNobody("Transfer-Encoding: chunked"));
      out.write(chunk.getBytes(StandardCharsets.US_ASCII));
      var start = new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      assertThat(start).isEqualTo("HTTP/1.1 404");
      await()
          .pollInterval(Duration.ofMillis(2))
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> out.write(chunk.getBytes(StandardCharsets.US_ASCII)))
                      .isInstanceOf(IOException.class));
    }
  }

  private static byte[] toNobody(String length) {
    var head =
        "POST /v2/models/nobody/infer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + Keys.ADMIN
            + "\r\n"
            + length
            + "\r\n\r\n";
    return head.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void findsTheModelOfAnOpenAiCall() throws Exception {
    var body = "{\"input\":[\"a\",\"b\"],\"x\":{\"model\":\"no\"},\"model\":\"text\"}";
    var answer = data.post(Keys.INVOKER, "/openai/v1/embeddings", body);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(body);
    assertThat(runtime.lastUri.get()).isEqualTo("/v1/embeddings");
    assertThat(runtime.lastHeaders.get().get("millrace-internal-target"))
        .isEqualTo("default/text/1");
    assertThat(answer.headers().firstValue("x-request-id")).isPresent();
  }

  @Test
  void findsTheModelOfACompressedOpenAiCall() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write("{\"model\":\"text\"}".getBytes(StandardCharsets.UTF_8));
    }
    var request =
        data.as(Keys.INVOKER, "/v1/embeddings")
            .header("content-encoding", "gzip")
            .POST(BodyPublishers.ofByteArray(bytes.toByteArray()));
    assertThat(data.send(request).statusCode()).isEqualTo(200);
    assertThat(runtime.lastHeaders.get().get("content-encoding")).isEqualTo("gzip");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} | 400 | model: missing",
        "{\"model\": 3} | 400 | model: missing",
        "[1] | 400 | not a JSON object",
        "{\"model\": | 400 | line 1, column",
        "{\"model\":\"nobody\"} | 404 | 'nobody' not found"
      })
  void failsInOpenAisForm(String body, int status, String message) throws Exception {
    var answer = data.post(Keys.INVOKER, "/v1/embeddings", body);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
    assertThat(json(answer.body()).get("error")).extracting("message").asString().contains(message);
  }

  @Test
  void listsTextModels() throws Exception {
    assertThat(data.get(Keys.INVOKER, "/v1/models").body())
        .contains("\"id\":\"text\"")
        .doesNotContain("echo");
    assertThat(data.get(Keys.INVOKER, "/v1/models/echo").statusCode()).isEqualTo(404);
    assertThat(json(data.get(Keys.INVOKER, "/v2").body())).containsEntry("name", "millrace");
  }

  @Test
  void triesAnotherReplicaWhenOneCannotBeReached() throws Exception {
    for (int i = 0; i < 20; i++) {
      assertThat(data.post(Keys.ADMIN, "/v2/models/flaky/infer", "{\"n\":1}").body())
          .isEqualTo("{\"n\":1}");
    }
    var gone = data.post(Keys.ADMIN, "/v2/models/gone/infer", "{}");
    assertThat(gone.statusCode()).isEqualTo(503);
    assertThat(json(gone.body())).containsEntry("code", "OVERLOADED");
  }

  @Test
  void endsACallAtItsDeadline() throws Exception {
    int before = runtime.cancelled.get();
    var request =
        data.as(Keys.ADMIN, "/v2/models/hang/infer")
            .header("millrace-timeout", "200")
            .POST(BodyPublishers.ofString("{}"));
    var answer = data.send(request);
    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(json(answer.body())).containsEntry("code", "DEADLINE_EXCEEDED");
    await().until(() -> runtime.cancelled.get() > before);
  }

  @Test
  void cancelsTheReplicasWorkWhenTheClientGoesAway() throws Exception {
    int hanging = runtime.hanging.get();
    int cancelled = runtime.cancelled.get();
    var head =
        "POST /v2/models/hang/infer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + Keys.ADMIN
            + "\r\nContent-Length: 2\r\n\r\n{}";
    try (var client = new Socket(base.getHost(), base.getPort())) {
      client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      await().until(() -> runtime.hanging.get() > hanging);
    }
    await().until(() -> runtime.cancelled.get() > cancelled);
  }

  @Test
  void passesAReplicasOwnFailureOn() throws Exception {
    var answer = data.post(Keys.ADMIN, "/v2/models/broken/infer", "{}");
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).isEqualTo("{\"error\":\"it broke\"}");
  }

  @Test
  void showsItsMetersOnTheManagementPort() throws Exception {
    data.post(Keys.ADMIN, INFER, "{}");
    data.post(Keys.ADMIN, "/v2/models/made-up-name/infer", "{}");
    await()
        .untilAsserted(
            () -> {
              var request = java.net.http.HttpRequest.newBuilder(management.resolve("/q/metrics"));
              assertThat(data.send(request).body())
                  .contains("millrace_requests_total{code=\"200\",endpoint=\"echo\"")
                  .contains("millrace_request_duration_seconds_bucket{endpoint=\"echo\"")
                  .contains("millrace_upstream_duration_seconds_bucket{replica=\"live\"")
                  .contains("millrace_upstream_inflight")
                  .doesNotContain("made-up-name");
            });
  }
}
