package dev.millrace.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.gateway.server.filter.DrainState;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The registry in the same process, no authentication; and, last, how the gateway stops. */
@QuarkusTest
@TestProfile(LocalControlIT.Laptop.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalControlIT {
  public static class Laptop implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("millrace.gateway.control", "local", "millrace.gateway.auth", "none");
    }
  }

  /** Stands where the registry's resources are mounted. */
  @Singleton
  static class Behind {
    void mount(@Observes Router router) {
      router
          .route("/api/v1/behind")
          .handler(
              context -> {
                var request = context.request();
                var who =
                    request.getHeader("millrace-internal-actor")
                        + " "
                        + request.getHeader("millrace-internal-roles")
                        + " "
                        + request.getHeader("millrace-internal-project")
                        + " "
                        + request.getHeader("millrace-internal-token");
                request
                    .body()
                    .onSuccess(
                        body -> context.response().end(Buffer.buffer(who + " " + body.length())));
                // As the framework's own routes do: every request arrives paused.
                request.resume();
              });
      router.route("/v2/models/behind").handler(context -> context.response().end("reached"));
    }
  }

  @TestHTTPResource("/")
  URI base;

  @Inject DrainState drain;

  private Data data;

  @BeforeEach
  void knowsTheRegistry() {
    data = new Data(base, HttpClient.Version.HTTP_1_1);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  @Order(1)
  void passesAnUnreadRequestOn(HttpClient.Version version) throws Exception {
    var either = new Data(base, version);
    var request =
        either
            .request("/api/v1/behind")
            .header("millrace-internal-token", "forged")
            .POST(BodyPublishers.ofByteArray(new byte[3_000_000]));
    assertThat(either.send(request).body())
        .isEqualTo("anonymous admin default cluster-secret 3000000");
    assertThat(either.send(either.request("/v2/models/behind").GET()).statusCode()).isEqualTo(404);
  }

  @Test
  @Order(2)
  void finishesWhatIsInFlightAndTakesNothingNew() throws Exception {
    await().until(() -> data.send(data.request("/v2/health/ready")).statusCode() == 200);
    var runtime = FakeRuntime.instance();
    int hanging = runtime.hanging.get();
    var inFlight =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return data.send(
                    data.request("/v2/models/hang/infer").POST(BodyPublishers.ofString("{}")));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    await().until(() -> runtime.hanging.get() > hanging);

    drain.begin();

    assertThat(data.send(data.request("/v2/health/ready")).statusCode()).isEqualTo(503);
    assertThat(data.send(data.request("/v2/health/live")).statusCode()).isEqualTo(200);
    var refused =
        data.send(data.request("/v2/models/echo/infer").POST(BodyPublishers.ofString("{}")));
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("connection")).hasValue("close");
    assertThat(refused.body()).contains("OVERLOADED").contains("draining");
    assertThat(drain.awaitIdle(Duration.ofMillis(50))).isFalse();

    runtime.held.get("last").response().end("late");
    assertThat(inFlight.join().body()).isEqualTo("late");
    assertThat(drain.awaitIdle(Duration.ofSeconds(5))).isTrue();
  }
}
