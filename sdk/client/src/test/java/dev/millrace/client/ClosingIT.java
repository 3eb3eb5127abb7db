package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.tensor.Tensors;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ClosingIT {
  @Test
  void leavesNoThreadBehind() throws Exception {
    try (var http = new FakeGateway();
        var grpc = new FakeInferenceServer(InferenceIT::doubled)) {
      http.on("GET /v2/health/ready", 200, "{}");
      Set<Long> before = liveThreads("");
      for (int i = 0; i < 20; i++) {
        try (Millrace control = Millrace.connect(http.url(), Credentials.none());
            Millrace inference = Millrace.connect(grpc.url(), Credentials.none())) {
          assertThat(control.ready()).isTrue();
          inference.endpoint("m").infer(Tensors.float32("x", new float[] {1}, 1));
        }
      }

      // gRPC keeps its shared executor for a second after the last channel.
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                assertThat(liveThreads("millrace-http-")).isEmpty();
                Set<Long> left = liveThreads("HttpClient-");
                left.removeAll(before);
                assertThat(left).isEmpty();
                assertThat(liveThreads("grpc-default-executor")).isEmpty();
              });
    }
  }

  @Test
  void nothingWorksAfterClose() throws Exception {
    try (var http = new FakeGateway();
        var grpc = new FakeInferenceServer(InferenceIT::doubled)) {
      Millrace control = Millrace.connect(http.url(), Credentials.none());
      Millrace inference = Millrace.connect(grpc.url(), Credentials.none());
      control.close();
      control.close();
      inference.close();

      assertThatThrownBy(control::ready)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this client is closed");
      assertThatThrownBy(
              () -> inference.endpoint("m").infer(Tensors.float32("x", new float[] {1}, 1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this client is closed");
    }
  }

  private static Set<Long> liveThreads(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.isAlive() && thread.getName().startsWith(prefix))
        .map(Thread::getId)
        .collect(Collectors.toSet());
  }
}
