package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.ClientOptions;
import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.client.Transport;
import dev.millrace.e2e.support.OpenStream;
import dev.millrace.e2e.support.PlainHttp;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.Rollouts;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.onnx.TinyModels;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SIGTERM while calls are running: each of them is answered, and the process ends with 0. */
class DrainE2E {
  /** Steps of a run that SIGTERM finds running: some seconds. Admission measures short runs. */
  private static final float LONG_ENOUGH = 6_000_000;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"HTTP_JSON", "GRPC"})
  void callsInFlightAreAnswered(Transport transport) throws Exception {
    Path slow = Files.write(directory.resolve("slow.onnx"), TinyModels.slowOnDemand(1_000));
    try (var platform = Platform.standalone(directory);
        var client =
            Millrace.connect(
                platform.url().toString(),
                Credentials.apiKey(platform.key()),
                ClientOptions.DEFAULT.withTransport(transport));
        var pool = Executors.newFixedThreadPool(4);
        var stream = new OpenStream(platform)) {
      Rollouts.deploy(client, "slow", slow);
      var started = new CountDownLatch(4);
      var calls = new ArrayList<Future<String>>();
      for (int i = 0; i < 4; i++) {
        calls.add(
            pool.submit(
                () -> {
                  started.countDown();
                  return client.endpoint("slow").infer(row()).version();
                }));
      }
      started.await();
      var events = openEventStream(platform);
      stream.send(
          GrpcInferCodec.encodeRequest(
              new InferRequest("slow", "", "", Map.of(), List.of(row()), List.of()),
              GrpcEncoding.RAW));
      awaitInFlight(platform);

      platform.gateway().signalTermination();
      Awaitility.await("not ready any more")
          .until(() -> status(platform, "/v2/health/ready") == 503);
      assertThatThrownBy(() -> client.endpoint("slow").infer(row()))
          .isInstanceOfSatisfying(
              MillraceException.class,
              refused -> {
                assertThat(refused.code()).isEqualTo(ErrorCode.OVERLOADED);
                assertThat(refused.details()).containsEntry("reason", "draining");
              });

      for (var call : calls) {
        assertThat(call.get()).isEqualTo("1");
      }
      // A stream has no end of its own either: what it has asked is answered, and no more asked.
      MillraceException ended = stream.awaitEnd();
      assertThat(stream.answers()).isOne();
      assertThat(ended.code()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(ended.details()).containsEntry("reason", "draining");
      // 143 is what a JVM ended by SIGTERM reports after its shutdown hooks have run.
      assertThat(platform.gateway().awaitExit()).isIn(0, 143);
      // An event stream has no end of its own: it must not be what the stop waits for.
      assertThat(events).succeedsWithin(Duration.ofSeconds(5));
      assertThat(platform.gateway().log())
          .doesNotContain("stopping with", "Timed out waiting for graceful shutdown");
    }
  }

  private static Tensor row() {
    return Tensors.float32("x", new float[] {LONG_ENOUGH, 0, 0, 0}, 1, 4);
  }

  /** A follower of the endpoint's events, there before the stop begins; done when it is ended. */
  private static CompletableFuture<Void> openEventStream(Platform platform) throws Exception {
    var request =
        HttpRequest.newBuilder(platform.url().resolve("/api/v1/endpoints/slow/events"))
            .header("Authorization", "Bearer " + platform.key())
            .header("Accept", "text/event-stream")
            .build();
    var http = PlainHttp.client();
    var answer = http.send(request, HttpResponse.BodyHandlers.ofLines());
    assertThat(answer.statusCode()).isEqualTo(200);
    return CompletableFuture.runAsync(() -> answer.body().forEach(line -> {}))
        .whenComplete((end, failure) -> http.close());
  }

  /** Metrics tell when a call is in the platform. */
  private static void awaitInFlight(Platform platform) {
    Awaitility.await("a call is in flight")
        .until(
            () -> {
              // Read whole: closing a client waits for an answer that nobody reads.
              try (var http = PlainHttp.client()) {
                var metrics =
                    http.send(
                            HttpRequest.newBuilder(platform.managementUrl().resolve("/q/metrics"))
                                .build(),
                            HttpResponse.BodyHandlers.ofString())
                        .body();
                return metrics
                    .lines()
                    .anyMatch(
                        line ->
                            line.startsWith("millrace_upstream_inflight")
                                && Double.parseDouble(line.substring(line.lastIndexOf(' '))) >= 5);
              }
            });
  }

  private static int status(Platform platform, String path) throws Exception {
    try (var http = PlainHttp.client()) {
      return http.send(
              HttpRequest.newBuilder(platform.url().resolve(path)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
