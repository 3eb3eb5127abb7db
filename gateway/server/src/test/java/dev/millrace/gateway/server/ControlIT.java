package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.gateway.server.filter.DrainState;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Control calls to a registry on the network. */
@QuarkusTest
@QuarkusTestResource(FakeAddress.class)
class ControlIT {
  @TestHTTPResource("/")
  URI base;

  @Inject DrainState drain;

  private Data data;
  private final FakeRuntime registry = FakeRuntime.instance();

  @BeforeEach
  void knowsTheRegistry() {
    data = new Data(base, HttpClient.Version.HTTP_1_1);
    await().until(() -> data.send(data.request("/v2/health/ready")).statusCode() == 200);
  }

  @Test
  void tellsTheRegistryWhoCalls() throws Exception {
    var answer =
        data.send(
            data.as(Keys.VIEWER, "/api/v1/models?page=2")
                .header("millrace-internal-roles", "admin")
                .GET());
    assertThat(answer.statusCode()).isEqualTo(200);
    var sent = registry.lastHeaders.get();
    assertThat(registry.lastUri.get()).isEqualTo("/api/v1/models?page=2");
    assertThat(sent.get("millrace-internal-token")).isEqualTo("cluster-secret");
    assertThat(sent.get("millrace-internal-project")).isEqualTo("default");
    assertThat(sent.get("millrace-internal-actor")).isEqualTo("viewer");
    assertThat(sent.getAll("millrace-internal-roles")).containsExactly("viewer");
    assertThat(sent.contains("authorization")).isFalse();
  }

  @Test
  void asksTheRegistryForTheDescriptionOfTheApi() throws Exception {
    assertThat(data.send(data.request("/q/openapi")).statusCode()).isEqualTo(401);
    assertThat(data.get(Keys.INVOKER, "/q/openapi").statusCode()).isEqualTo(200);
    assertThat(registry.lastUri.get()).isEqualTo("/q/openapi");
    assertThat(registry.lastHeaders.get().get("millrace-internal-roles")).isEqualTo("invoker");
  }

  private String addressFor(String host) throws Exception {
    var head =
        "GET /api/v1/models HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n%s\r\n"
            .formatted(
                host,
                Keys.VIEWER,
                "X-Forwarded-Host: evil\r\nForwarded: host=evil\r\nConnection: close\r\n"
                    + "millrace-internal-base-url: http://evil\r\n");
    registry.lastHeaders.set(null);
    try (var client = new Socket(base.getHost(), base.getPort())) {
      client.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      client.getInputStream().readAllBytes();
    }
    var seen = registry.lastHeaders.get();
    return seen == null ? "refused" : seen.get("millrace-internal-base-url");
  }

  @Test
  void tellsTheRegistryWhichAddressTheCallerUsed() throws Exception {
    assertThat(addressFor("ml.example.com")).isEqualTo("http://ml.example.com");
    assertThat(addressFor("localhost:1234")).isEqualTo("http://localhost:1234");
    assertThat(addressFor("[::1]:1234")).isEqualTo("http://[::1]:1234");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a';touch$IFS/x;'", "a$(id)", "a`id`", "-oProxy", "a\"b", "a/b", "u@h"})
  void givesNoHostileAddressOn(String host) throws Exception {
    assertThat(addressFor(host)).isIn("refused", "http://127.0.0.1:" + base.getPort());
  }

  @Test
  void keepsKeysToAdministrators() throws Exception {
    assertThat(data.get(Keys.VIEWER, "/api/v1/keys").statusCode()).isEqualTo(403);
    assertThat(data.get(Keys.ADMIN, "/api/v1/keys").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void streamsALargeUpload(HttpClient.Version version) throws Exception {
    var either = new Data(base, version);
    long size = 200_000_000;
    var upload =
        either
            .as(Keys.ADMIN, "/api/v1/big/versions")
            .POST(BodyPublishers.ofInputStream(() -> new Zeros(size)));
    var answer = either.send(upload);
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.body()).isEqualTo("200000000");
  }

  @Test
  void passesEventsOnAsTheyCome() throws Exception {
    int cancelled = registry.cancelled.get();
    var request = data.as(Keys.ADMIN, "/api/v1/events").GET().build();
    var answer = data.client().send(request, BodyHandlers.ofInputStream());
    try (InputStream events = answer.body()) {
      assertThat(new String(events.readNBytes(11), StandardCharsets.UTF_8))
          .isEqualTo("data: one\n\n");
      // A stream has no end of its own: whoever stops must not wait for it.
      await().until(() -> drain.inFlight() == 0);
      registry.held.get("last").response().write("data: two\n\n");
      assertThat(new String(events.readNBytes(11), StandardCharsets.UTF_8))
          .isEqualTo("data: two\n\n");
    }
    data.client().shutdownNow();
    await().until(() -> registry.cancelled.get() > cancelled);
    await().during(Duration.ofMillis(200)).until(() -> drain.inFlight() == 0);
  }

  /** So many zero bytes, none of them in memory at once. */
  private static final class Zeros extends InputStream {
    private long left;

    Zeros(long size) {
      this.left = size;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int read = (int) Math.min(left, length);
      left -= read;
      return read;
    }
  }
}
