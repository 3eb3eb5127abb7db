package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.grpc.ModelConfig;
import dev.millrace.protocol.grpc.ModelInput;
import dev.millrace.protocol.grpc.ModelOutput;
import dev.millrace.protocol.grpc.ModelSequenceBatching;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The configuration of a version as REST tells it. Pure. */
final class ModelConfigJson {
  private ModelConfigJson() {}

  /** The same configuration as JSON, with the field names of the protocol's messages. */
  static Map<String, Object> of(ModelConfig config) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", config.getName());
    json.put("platform", config.getPlatform());
    json.put("backend", config.getBackend());
    json.put(
        "version_policy",
        Map.of(
            "specific",
            Map.of("versions", config.getVersionPolicy().getSpecific().getVersionsList())));
    json.put("max_batch_size", config.getMaxBatchSize());
    json.put("input", config.getInputList().stream().map(ModelConfigJson::input).toList());
    json.put("output", config.getOutputList().stream().map(ModelConfigJson::output).toList());
    json.put(
        "instance_group",
        List.of(
            Map.of(
                "name", config.getName(),
                "kind", config.getInstanceGroup(0).getKind().name(),
                "count", config.getInstanceGroup(0).getCount(),
                "gpus", config.getInstanceGroup(0).getGpusList())));
    json.put("default_model_filename", config.getDefaultModelFilename());
    if (config.hasDynamicBatching()) {
      json.put(
          "dynamic_batching",
          Map.of(
              "preferred_batch_size", config.getDynamicBatching().getPreferredBatchSizeList(),
              "max_queue_delay_microseconds",
                  config.getDynamicBatching().getMaxQueueDelayMicroseconds(),
              "preserve_ordering", config.getDynamicBatching().getPreserveOrdering(),
              "priority_levels", config.getDynamicBatching().getPriorityLevels(),
              "default_priority_level", config.getDynamicBatching().getDefaultPriorityLevel()));
    }
    if (config.hasSequenceBatching()) {
      var sequences = config.getSequenceBatching();
      json.put(
          "sequence_batching",
          Map.of(
              "max_sequence_idle_microseconds", sequences.getMaxSequenceIdleMicroseconds(),
              "state", statesJson(sequences)));
    }
    Map<String, Object> parameters = new LinkedHashMap<>();
    config
        .getParametersMap()
        .forEach(
            (key, value) -> parameters.put(key, Map.of("string_value", value.getStringValue())));
    json.put("parameters", parameters);
    json.put("response_cache", Map.of("enable", config.getResponseCache().getEnable()));
    json.put("model_transaction_policy", Map.of("decoupled", false));
    return json;
  }

  private static Map<String, Object> input(ModelInput input) {
    return Map.of(
        "name", input.getName(),
        "data_type", input.getDataType().name(),
        "format", "FORMAT_NONE",
        "dims", input.getDimsList(),
        "optional", input.getOptional());
  }

  private static Map<String, Object> output(ModelOutput output) {
    return Map.of(
        "name", output.getName(),
        "data_type", output.getDataType().name(),
        "dims", output.getDimsList(),
        "label_filename", output.getLabelFilename());
  }

  private static List<Map<String, Object>> statesJson(ModelSequenceBatching sequences) {
    return sequences.getStateList().stream()
        .map(
            state ->
                Map.<String, Object>of(
                    "input_name", state.getInputName(),
                    "output_name", state.getOutputName(),
                    "data_type", state.getDataType().name(),
                    "dims", state.getDimsList()))
        .toList();
  }
}
