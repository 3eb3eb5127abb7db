package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.testkit.onnx.TinyModels;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the protocol tells of a version that a runtime serves. */
@QuarkusTest
class StatisticsIT {
  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;

  @TestHTTPResource("/")
  URI base;

  private VersionKey deploy(String model, byte[] onnx) {
    VersionKey key = registry.version(model, ModelManifest.EMPTY, Map.of("model.onnx", onnx));
    registry.load(key, ServingSpec.DEFAULT);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var reported = registry.reported(key);
              return reported != null && reported.state() == ReplicaState.READY;
            });
    return key;
  }

  @Test
  void statisticsCountCallsAndNotTheWarmUp() throws Exception {
    VersionKey counted = deploy("counted", TinyModels.linear(4, 3));

    var two = Tensors.float32("x", new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 4);
    try (var caller = new RuntimeCaller(base, ports.grpc())) {
      caller.infer(counted, List.of(two), GrpcEncoding.RAW);
    }

    await().until(() -> statistics(counted).path("execution_count").asInt() > 0);
    JsonNode found = statistics(counted);
    assertThat(found.path("execution_count").asInt()).isEqualTo(1);
    assertThat(found.path("inference_count").asInt()).isEqualTo(2);
    assertThat(found.path("inference_stats").path("success").path("count").asInt()).isEqualTo(1);
    assertThat(found.path("batch_stats").size()).isEqualTo(1);
    assertThat(found.path("batch_stats").path(0).path("batch_size").asInt()).isEqualTo(2);
  }

  private JsonNode statistics(VersionKey key) throws Exception {
    String path = "/v2/models/" + key.model() + "/stats";
    try (var caller = new RuntimeCaller(base, ports.grpc())) {
      var answer = caller.send("GET", path, new byte[0], RuntimeCaller.headers(key));
      return new ObjectMapper().readTree(answer.body()).path("model_stats").path(0);
    }
  }
}
