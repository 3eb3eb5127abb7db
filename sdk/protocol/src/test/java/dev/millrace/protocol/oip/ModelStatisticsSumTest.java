package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.grpc.InferBatchStatistics;
import dev.millrace.protocol.grpc.InferStatistics;
import dev.millrace.protocol.grpc.MemoryUsage;
import dev.millrace.protocol.grpc.ModelStatistics;
import dev.millrace.protocol.grpc.StatisticDuration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelStatisticsSumTest {
  private static ModelStatistics part(long factor, long batchSize) {
    return ModelStatistics.newBuilder()
        .setName("m")
        .setVersion("3")
        .setLastInference(100 * factor)
        .setInferenceCount(5 * factor)
        .setExecutionCount(2 * factor)
        .setInferenceStats(
            InferStatistics.newBuilder().setSuccess(span(factor)).setCacheMiss(span(10 * factor)))
        .addBatchStats(
            InferBatchStatistics.newBuilder().setBatchSize(batchSize).setComputeInfer(span(factor)))
        .addMemoryUsage(MemoryUsage.newBuilder().setType("CPU").setByteSize(factor))
        .build();
  }

  private static StatisticDuration span(long value) {
    return StatisticDuration.newBuilder().setCount(value).setNs(value * 1_000).build();
  }

  @Test
  void countsAddUpAndTheLastInferenceIsTheLatest() {
    ModelStatistics sum = ModelStatisticsSum.of(List.of(part(3, 1), part(1, 1), part(2, 8)));
    assertThat(sum.getName()).isEqualTo("m");
    assertThat(sum.getVersion()).isEqualTo("3");
    assertThat(sum.getLastInference()).isEqualTo(300);
    assertThat(sum.getInferenceCount()).isEqualTo(30);
    assertThat(sum.getExecutionCount()).isEqualTo(12);
    assertThat(sum.getInferenceStats().getSuccess()).isEqualTo(span(6));
    assertThat(sum.getInferenceStats().getCacheMiss()).isEqualTo(span(60));
    assertThat(sum.getBatchStatsList())
        .extracting(InferBatchStatistics::getBatchSize, batch -> batch.getComputeInfer())
        .containsExactly(
            org.assertj.core.api.Assertions.tuple(1L, span(4)),
            org.assertj.core.api.Assertions.tuple(8L, span(2)));
    assertThat(sum.getMemoryUsageCount()).isEqualTo(3);
  }
}
