package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The project that the gateway names on every call decides in which queue the call stands. */
@QuarkusTest
class FairSharesIT {
  private static final int FLOOD = 24;
  private static final String ROW =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";

  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;
  @Inject MeterRegistry meters;

  @TestHTTPResource("/")
  URI base;

  @Test
  void oneProjectsFloodDoesNotHoldUpAnothersCall() {
    // Given a model that takes one call at a time, and a project that floods it
    VersionKey shared =
        registry.version(
            "shared", ModelManifest.EMPTY, Map.of("model.onnx", TinyModels.slow(30_000)));
    registry.load(shared, new ServingSpec("60s", 1, null, 100));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var reported = registry.reported(shared);
              return reported != null && reported.state() == ReplicaState.READY;
            });
    var answered = new AtomicInteger();
    try (var caller = new RuntimeCaller(base, ports.grpc());
        var pool = Executors.newFixedThreadPool(FLOOD)) {
      var flood = new ArrayList<CompletableFuture<Void>>();
      for (int i = 0; i < FLOOD; i++) {
        boolean http = i % 2 == 0;
        flood.add(
            CompletableFuture.runAsync(() -> call(caller, shared, "flood", http), pool)
                .thenRun(answered::incrementAndGet));
      }
      await().pollInterval(Duration.ofMillis(2)).until(() -> queueDepth() > FLOOD / 2);

      // When another one calls, then it waits for its turn and not for the flood's end
      for (boolean http : List.of(true, false)) {
        int before = answered.get();
        call(caller, shared, "quiet", http);
        assertThat(answered.get() - before)
            .as("calls of the flood answered meanwhile, over %s", http ? "HTTP" : "gRPC")
            .isLessThan(FLOOD / 4);
      }
      flood.forEach(CompletableFuture::join);
    }
    registry.unload(shared);
  }

  private double queueDepth() {
    return meters.get("millrace.queue.depth").tag("endpoint", "shared").gauge().value();
  }

  private static void call(RuntimeCaller caller, VersionKey key, String project, boolean http) {
    var headers = RuntimeCaller.headers(key);
    headers.put(MillraceHeaders.INTERNAL_PROJECT, project);
    if (http) {
      var body = ROW.getBytes(StandardCharsets.UTF_8);
      assertThat(caller.send("POST", "/v2/models/shared/infer", body, headers).statusCode())
          .isEqualTo(200);
    } else {
      var x = Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4);
      var request = new InferRequest("shared", "", "", Map.of(), List.of(x), List.of());
      var answer =
          caller.stub(headers).modelInfer(GrpcInferCodec.encodeRequest(request, GrpcEncoding.RAW));
      assertThat(answer.getModelName()).isEqualTo("shared");
    }
  }
}
