package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.BatchRejectedException;
import dev.millrace.runtime.batching.BatchStage;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchMetersTest {
  private static final VersionKey KEY = new VersionKey("p", "m", 3);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RuntimeMetrics metrics = new RuntimeMetrics(registry);
  private final ReplicaMeters meters = metrics.replica(KEY);
  private final BatchMeters listener = new BatchMeters(meters);

  @ParameterizedTest
  @EnumSource(
      value = BatchStage.class,
      names = {"ADMISSION", "QUEUE"})
  void aWarmUpThatNeverRanCountsNowhere(BatchStage stage) {
    meters.warmsUp();
    listener.expired(stage, 0);
    meters.warmsUp();
    listener.cancelled(stage, 0);
    meters.warmsUp();
    listener.rejected(BatchRejectedException.Reason.QUEUE_FULL);

    meters.executed(2, 1, 1_000);

    assertThat(metrics.statistics(KEY).read().getInferenceCount()).isEqualTo(2);
    assertThat(counted()).isZero();
  }

  @Test
  void aWarmUpThatRanTooLongIsCountedOffByItsBatch() {
    meters.warmsUp();
    listener.expired(BatchStage.EXECUTION, 0);
    meters.executed(1, 1, 1_000);

    meters.executed(2, 1, 1_000);

    assertThat(metrics.statistics(KEY).read().getInferenceCount()).isEqualTo(2);
  }

  @Test
  void realRequestsCount() {
    listener.expired(BatchStage.QUEUE, 0);
    listener.cancelled(BatchStage.QUEUE, 0);
    listener.rejected(BatchRejectedException.Reason.QUEUE_FULL);

    assertThat(counted()).isEqualTo(3);
  }

  private double counted() {
    return registry.find("millrace.rejected").counters().stream()
            .mapToDouble(it -> it.count())
            .sum()
        + registry.find("millrace.cancelled").counters().stream()
            .mapToDouble(it -> it.count())
            .sum();
  }
}
