package dev.millrace.runtime.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.internal.VersionKey;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RuntimeMetricsTest {
  private static final VersionKey KEY = new VersionKey("p", "m", 3);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final RuntimeMetrics metrics = new RuntimeMetrics(registry);

  @Test
  void publishesTheNamesThatOperatorsRelyOn() {
    var replica = metrics.replica(KEY);
    replica.queued(1_000_000);
    replica.batch(2_000_000, 4, 0.25);
    replica.bytes(100, 200);
    replica.rejected(Rejection.QUEUE_FULL);
    replica.cancelled(ReplicaMeters.Stage.QUEUE);
    metrics.loaded(KEY, Duration.ofSeconds(2));
    metrics.evicted(KEY, "idle");
    metrics.woken(KEY, "ok");
    metrics.memory(1_000, () -> 600);
    metrics.state(KEY, state -> state == ModelState.READY, () -> 5, () -> 77);

    String labels = "endpoint=\"m\",project=\"p\"";
    assertThat(registry.scrape())
        .contains("millrace_queue_duration_seconds_bucket{" + labels)
        .contains("millrace_compute_duration_seconds_bucket{" + labels)
        .contains("millrace_batch_size_bucket{" + labels)
        .contains("millrace_runtime_request_bytes_sum{" + labels)
        .contains("millrace_runtime_response_bytes_sum{" + labels)
        .contains("millrace_model_load_duration_seconds_bucket{" + labels)
        .contains("millrace_queue_depth{" + labels + ",version=\"3\",} 5.0")
        .contains(
            "millrace_rejected_total{"
                + labels
                + ",reason=\"queue_full\",version=\"3\",where=\"runtime\",} 1.0")
        .contains("millrace_cancelled_total{" + labels + ",stage=\"queue\",version=\"3\",} 1.0")
        .contains("millrace_model_state{" + labels + ",state=\"ready\",version=\"3\",} 1.0")
        .contains("millrace_model_state{" + labels + ",state=\"failed\",version=\"3\",} 0.0")
        .contains("millrace_model_state{" + labels + ",state=\"asleep\",version=\"3\",} 0.0")
        .contains("millrace_model_memory_bytes{" + labels + ",version=\"3\",} 77.0")
        .contains("millrace_model_memory_budget_bytes 1000.0")
        .contains("millrace_model_memory_held_bytes 600.0")
        .contains(
            "millrace_model_evictions_total{" + labels + ",reason=\"idle\",version=\"3\",} 1.0")
        .contains("millrace_model_wakes_total{" + labels + ",result=\"ok\",version=\"3\",} 1.0");
  }

  @Test
  void removedStatesAreGoneAndMayComeAgain() {
    metrics.state(KEY, _ -> true, () -> 1, () -> 0).run();
    assertThat(registry.scrape()).doesNotContain("millrace_model_state{");

    metrics.state(KEY, _ -> true, () -> 2, () -> 0);
    assertThat(registry.scrape()).contains("millrace_queue_depth{").contains(",} 2.0");
  }

  @Test
  void labelValuesAreBounded() {
    var limit = new LabelLimit(2);

    assertThat(limit.bound("a")).isEqualTo("a");
    assertThat(limit.bound("b")).isEqualTo("b");
    assertThat(limit.bound("c")).isEqualTo("other");
    assertThat(limit.bound("a")).isEqualTo("a");
  }
}
