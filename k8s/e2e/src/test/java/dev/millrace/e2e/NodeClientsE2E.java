package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.e2e.support.Fetched;
import dev.millrace.e2e.support.Metrics;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.Programs;
import dev.millrace.e2e.support.ServerProcess;
import dev.millrace.e2e.support.SharedPlatform;
import dev.millrace.testkit.bundle.MiniLmFiles;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients of Node as npm has them: {@code clients/grpc.js} and {@code clients/openai.js}. */
@ExtendWith(SharedPlatform.class)
class NodeClientsE2E {
  private static final Path PROTO =
      ServerProcess.repositoryRoot().resolve("sdk/protocol/src/main/proto/open_inference.proto");

  @Test
  void grpcJsCallsEveryMethodItNeeds(SharedPlatform.Running running) throws Exception {
    Path clients = Fetched.clients();
    running.serving("linear", TinyModels.linear(4, 3)).serving("slow", TinyModels.slowOnDemand(1));

    assertThat(run(clients, running.platform(), "grpc.js").lines()).hasSize(6);

    Awaitility.await("what was cancelled has ended")
        .atMost(Duration.ofSeconds(20))
        .until(() -> Metrics.of(running.platform()).sum("millrace_upstream_inflight") == 0);
  }

  @Test
  void theOpenAiClientNeedsOnlyAnotherBaseUrl(SharedPlatform.Running running) throws Exception {
    Path clients = Fetched.clients();
    running.serving("minilm", MiniLmFiles.bundle());

    assertThat(run(clients, running.platform(), "openai.js").lines()).hasSize(12);
  }

  private static String run(Path folder, Platform platform, String script) throws Exception {
    return Programs.run(
        folder,
        platform.key(),
        Map.of(
            "MILLRACE_URL", platform.url().toString(),
            "MILLRACE_GRPC", platform.grpcTarget(),
            "MILLRACE_PROTO", PROTO.toString()),
        "node",
        script);
  }
}
