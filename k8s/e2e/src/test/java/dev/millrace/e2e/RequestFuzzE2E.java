package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.e2e.support.Metrics;
import dev.millrace.e2e.support.SharedPlatform;
import dev.millrace.testkit.fuzz.FuzzModels;
import dev.millrace.testkit.fuzz.FuzzRun;
import dev.millrace.testkit.oip.OipTarget;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Ten thousand spoilt requests; {@code ./millrace bench fuzz} sends as many as one likes. That no
 * buffer leaked is seen when the platform ends.
 */
@ExtendWith(SharedPlatform.class)
class RequestFuzzE2E {
  private static final int COUNT = 10_000;
  private static final long SEED = 20_261_124;

  /** What an idle platform may hold: the buffers of open connections. */
  private static final double IDLE_BYTES = 8 << 20;

  @Test
  void spoiltRequestsAreRefusedAndHarmNothing(SharedPlatform.Running running) throws Exception {
    for (var model : FuzzModels.all().entrySet()) {
      running.serving(model.getKey(), model.getValue());
    }
    var platform = running.platform();
    var target = OipTarget.of(platform.url(), platform.key(), FuzzModels.LINEAR);

    var report = new FuzzRun(target, SEED).run(0, COUNT, done -> {});

    System.out.print(report.table());
    assertThat(report.problems()).as(report.table()).isEmpty();
    assertThat(report.count()).isEqualTo(COUNT);
    assertThat(report.ends())
        .as("good and bad of each kind")
        .containsKeys(
            "HTTP OK",
            "HTTP INVALID_ARGUMENT",
            "GRPC OK",
            "GRPC INVALID_ARGUMENT",
            "FRAME OK",
            "STREAM OK",
            "STREAM INVALID_ARGUMENT",
            "STREAM CANCELLED");
    Awaitility.await("nothing is left on its way")
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              var metrics = Metrics.of(platform);
              assertThat(metrics.sum("millrace_upstream_inflight")).isZero();
              assertThat(metrics.sum("millrace_queue_depth")).isZero();
              assertThat(metrics.sum("netty_allocator_memory_pinned")).isLessThan(IDLE_BYTES);
            });
  }
}
