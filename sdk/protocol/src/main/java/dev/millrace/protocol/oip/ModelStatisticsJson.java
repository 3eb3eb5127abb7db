package dev.millrace.protocol.oip;

import dev.millrace.protocol.grpc.InferBatchStatistics;
import dev.millrace.protocol.grpc.InferStatistics;
import dev.millrace.protocol.grpc.MemoryUsage;
import dev.millrace.protocol.grpc.ModelStatistics;
import dev.millrace.protocol.grpc.StatisticDuration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The statistics of the protocol's messages as its JSON has them. Pure. */
public final class ModelStatisticsJson {
  private ModelStatisticsJson() {}

  /** The body of {@code GET /v2/models/stats} and its kin. */
  public static Map<String, Object> of(List<ModelStatistics> models) {
    return Map.of("model_stats", models.stream().map(ModelStatisticsJson::model).toList());
  }

  private static Map<String, Object> model(ModelStatistics model) {
    var json = new LinkedHashMap<String, Object>();
    json.put("name", model.getName());
    json.put("version", model.getVersion());
    json.put("last_inference", model.getLastInference());
    json.put("inference_count", model.getInferenceCount());
    json.put("execution_count", model.getExecutionCount());
    json.put("inference_stats", calls(model.getInferenceStats()));
    json.put("response_stats", Map.of());
    json.put(
        "batch_stats", model.getBatchStatsList().stream().map(ModelStatisticsJson::batch).toList());
    json.put(
        "memory_usage",
        model.getMemoryUsageList().stream().map(ModelStatisticsJson::memory).toList());
    return json;
  }

  private static Map<String, Object> calls(InferStatistics calls) {
    var json = new LinkedHashMap<String, Object>();
    json.put("success", span(calls.getSuccess()));
    json.put("fail", span(calls.getFail()));
    json.put("queue", span(calls.getQueue()));
    json.put("compute_input", span(calls.getComputeInput()));
    json.put("compute_infer", span(calls.getComputeInfer()));
    json.put("compute_output", span(calls.getComputeOutput()));
    json.put("cache_hit", span(calls.getCacheHit()));
    json.put("cache_miss", span(calls.getCacheMiss()));
    return json;
  }

  private static Map<String, Object> batch(InferBatchStatistics batch) {
    var json = new LinkedHashMap<String, Object>();
    json.put("batch_size", batch.getBatchSize());
    json.put("compute_input", span(batch.getComputeInput()));
    json.put("compute_infer", span(batch.getComputeInfer()));
    json.put("compute_output", span(batch.getComputeOutput()));
    return json;
  }

  private static Map<String, Object> memory(MemoryUsage memory) {
    var json = new LinkedHashMap<String, Object>();
    json.put("type", memory.getType());
    json.put("id", memory.getId());
    json.put("byte_size", memory.getByteSize());
    return json;
  }

  private static Map<String, Object> span(StatisticDuration span) {
    var json = new LinkedHashMap<String, Object>();
    json.put("count", span.getCount());
    json.put("ns", span.getNs());
    return json;
  }
}
