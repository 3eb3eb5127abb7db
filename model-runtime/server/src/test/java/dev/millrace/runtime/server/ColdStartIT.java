package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.testkit.onnx.TinyModels;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of a version that was unloaded for being idle, over both protocols. */
@QuarkusTest
class ColdStartIT {
  private static final String ROW =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";

  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;
  @Inject MeterRegistry meters;

  @TestHTTPResource("/")
  URI base;

  private RuntimeCaller caller;
  private VersionKey sleepy;

  @BeforeEach
  void deploy() {
    caller = new RuntimeCaller(base, ports.grpc());
    sleepy =
        registry.version(
            "sleepy", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.linear(4, 3)));
    registry.load(sleepy, new ServingSpec(null, null, null, null, "200ms", null));
    await().atMost(Duration.ofSeconds(60)).until(() -> isIn("asleep"));
  }

  @AfterEach
  void leave() {
    caller.close();
    registry.unload(sleepy);
  }

  private boolean isIn(String state) {
    return meters
        .find("millrace.model.state")
        .tag("endpoint", "sleepy")
        .tag("state", state)
        .gauges()
        .stream()
        .anyMatch(gauge -> gauge.value() == 1);
  }

  @Test
  void whoAsksWithoutCallingDoesNotWakeIt() {
    var headers = RuntimeCaller.headers(sleepy);
    var ready = caller.send("GET", "/v2/models/sleepy/ready", new byte[0], headers);
    var metadata = caller.send("GET", "/v2/models/sleepy", new byte[0], headers);

    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(metadata.statusCode()).isEqualTo(200);
    assertThat(new String(metadata.body(), StandardCharsets.UTF_8)).contains("\"name\":\"x\"");
    assertThat(
            caller
                .stub(sleepy)
                .modelReady(ModelReadyRequest.newBuilder().setName("sleepy").build())
                .getReady())
        .isTrue();
    assertThat(isIn("asleep")).isTrue();
  }

  @Test
  void everyCallOfAColdVersionIsAnswered() {
    var row = List.of(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4));
    var calls =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          if (i % 2 == 0) {
                            var answer = caller.infer(sleepy, row, GrpcEncoding.RAW);
                            return Tensors.floatArray(answer.outputs().get(0))[0] == 30;
                          }
                          return caller.infer(sleepy, ROW).statusCode() == 200;
                        }))
            .toList();

    assertThat(calls).allMatch(CompletableFuture::join);
  }

  @Test
  void theAnswerTellsHowLongItTookToLoad() {
    var cold = caller.infer(sleepy, ROW);
    var warm = caller.infer(sleepy, ROW);

    assertThat(cold.statusCode()).isEqualTo(200);
    assertThat(cold.headers().firstValue("millrace-cold-start").orElseThrow())
        .matches("[1-9][0-9]*");
    assertThat(warm.statusCode()).isEqualTo(200);
    assertThat(warm.headers().firstValue("millrace-cold-start")).isEmpty();
  }
}
