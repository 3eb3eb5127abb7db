package dev.millrace.protocol.oip;

import dev.millrace.protocol.grpc.InferBatchStatistics;
import dev.millrace.protocol.grpc.InferStatistics;
import dev.millrace.protocol.grpc.MemoryUsage;
import dev.millrace.protocol.grpc.ModelStatistics;
import dev.millrace.protocol.grpc.StatisticDuration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What several runtimes counted of one version, as if one had: counts and times add up, the last
 * inference is the latest, and each runtime's memory stays an entry of its own. Pure.
 */
public final class ModelStatisticsSum {
  private ModelStatisticsSum() {}

  /** The sum of at least one. */
  public static ModelStatistics of(List<ModelStatistics> parts) {
    ModelStatistics sum = parts.get(0);
    for (ModelStatistics part : parts.subList(1, parts.size())) {
      sum = add(sum, part);
    }
    return sum;
  }

  private static ModelStatistics add(ModelStatistics a, ModelStatistics b) {
    return a.toBuilder()
        .setLastInference(Math.max(a.getLastInference(), b.getLastInference()))
        .setInferenceCount(a.getInferenceCount() + b.getInferenceCount())
        .setExecutionCount(a.getExecutionCount() + b.getExecutionCount())
        .setInferenceStats(add(a.getInferenceStats(), b.getInferenceStats()))
        .clearBatchStats()
        .addAllBatchStats(batches(a.getBatchStatsList(), b.getBatchStatsList()))
        .clearMemoryUsage()
        .addAllMemoryUsage(memory(a.getMemoryUsageList(), b.getMemoryUsageList()))
        .build();
  }

  private static InferStatistics add(InferStatistics a, InferStatistics b) {
    return InferStatistics.newBuilder()
        .setSuccess(add(a.getSuccess(), b.getSuccess()))
        .setFail(add(a.getFail(), b.getFail()))
        .setQueue(add(a.getQueue(), b.getQueue()))
        .setComputeInput(add(a.getComputeInput(), b.getComputeInput()))
        .setComputeInfer(add(a.getComputeInfer(), b.getComputeInfer()))
        .setComputeOutput(add(a.getComputeOutput(), b.getComputeOutput()))
        .setCacheHit(add(a.getCacheHit(), b.getCacheHit()))
        .setCacheMiss(add(a.getCacheMiss(), b.getCacheMiss()))
        .build();
  }

  private static Iterable<InferBatchStatistics> batches(
      List<InferBatchStatistics> a, List<InferBatchStatistics> b) {
    var bySize = new TreeMap<Long, InferBatchStatistics>();
    for (List<InferBatchStatistics> part : List.of(a, b)) {
      for (InferBatchStatistics batch : part) {
        bySize.merge(batch.getBatchSize(), batch, ModelStatisticsSum::add);
      }
    }
    return bySize.values();
  }

  private static InferBatchStatistics add(InferBatchStatistics a, InferBatchStatistics b) {
    return InferBatchStatistics.newBuilder()
        .setBatchSize(a.getBatchSize())
        .setComputeInput(add(a.getComputeInput(), b.getComputeInput()))
        .setComputeInfer(add(a.getComputeInfer(), b.getComputeInfer()))
        .setComputeOutput(add(a.getComputeOutput(), b.getComputeOutput()))
        .build();
  }

  private static List<MemoryUsage> memory(List<MemoryUsage> a, List<MemoryUsage> b) {
    var all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  private static StatisticDuration add(StatisticDuration a, StatisticDuration b) {
    return StatisticDuration.newBuilder()
        .setCount(a.getCount() + b.getCount())
        .setNs(a.getNs() + b.getNs())
        .build();
  }
}
