package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.grpc.DataType;
import dev.millrace.protocol.grpc.ModelConfig;
import dev.millrace.protocol.grpc.ModelDynamicBatching;
import dev.millrace.protocol.grpc.ModelInput;
import dev.millrace.protocol.grpc.ModelInstanceGroup;
import dev.millrace.protocol.grpc.ModelOutput;
import dev.millrace.protocol.grpc.ModelParameter;
import dev.millrace.protocol.grpc.ModelResponseCache;
import dev.millrace.protocol.grpc.ModelSequenceBatching;
import dev.millrace.protocol.grpc.ModelTransactionPolicy;
import dev.millrace.protocol.grpc.ModelVersionPolicy;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.oip.TensorMetadata;
import dev.millrace.runtime.batching.QueuePolicy;
import dev.millrace.runtime.engine.Device;
import dev.millrace.runtime.engine.SessionSettings;
import dev.millrace.runtime.server.replica.ServedVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the protocol tells about a version: metadata and configuration. Pure. */
final class ModelDescription {
  private static final String PLATFORM = "onnxruntime_onnx";

  private ModelDescription() {}

  /**
   * The metadata of a version.
   *
   * @param name the endpoint's name as the caller addressed it
   */
  static ModelMetadata metadata(String name, ServedVersion served) {
    Signature signature = served.signature();
    return new ModelMetadata(
        name,
        List.of(Integer.toString(served.version().key().version())),
        PLATFORM,
        tensors(signature.inputs()),
        tensors(signature.outputs()),
        properties(served));
  }

  /**
   * What a configuration tells besides the version itself.
   *
   * @param cached whether the endpoint keeps answers
   * @param versions of the endpoint that get calls; possibly empty
   * @param sequenceIdle after how long without a request a sequence is forgotten
   * @param profile what was measured of the version here
   */
  record Surroundings(
      boolean cached, List<Long> versions, Duration sequenceIdle, Optional<Profile> profile) {}

  /** The configuration of a version, in the form that clients such as perf_analyzer read. */
  static ModelConfig config(String name, ServedVersion served, Surroundings around) {
    Signature signature = served.signature();
    int maxBatch = maxBatch(served);
    ModelConfig.Builder config =
        ModelConfig.newBuilder()
            .setName(name)
            .setPlatform(PLATFORM)
            .setBackend("onnxruntime")
            .setMaxBatchSize(maxBatch)
            .setDefaultModelFilename("model.onnx")
            .setModelTransactionPolicy(ModelTransactionPolicy.getDefaultInstance())
            .setVersionPolicy(
                ModelVersionPolicy.newBuilder()
                    .setSpecific(
                        ModelVersionPolicy.Specific.newBuilder()
                            .addAllVersions(versions(served, around))))
            .addInstanceGroup(instances(name, served))
            .setResponseCache(ModelResponseCache.newBuilder().setEnable(around.cached()))
            .putAllParameters(parameters(served));
    Map<String, String> states = served.version().manifest().statesOrNone();
    for (TensorSignature input : signature.inputs()) {
      config.addInput(
          ModelInput.newBuilder()
              .setName(input.name())
              .setDataType(DataType.forNumber(input.datatype().configNumber()))
              .addAllDims(dims(input, maxBatch > 0))
              .setOptional(states.containsKey(input.name())));
    }
    for (TensorSignature output : signature.outputs()) {
      config.addOutput(
          ModelOutput.newBuilder()
              .setName(output.name())
              .setDataType(DataType.forNumber(output.datatype().configNumber()))
              .addAllDims(dims(output, maxBatch > 0))
              .setLabelFilename(labels(served, output)));
    }
    if (!states.isEmpty()) {
      config.setSequenceBatching(
          sequences(signature, states, maxBatch > 0)
              .setMaxSequenceIdleMicroseconds(
                  TimeUnit.NANOSECONDS.toMicros(around.sequenceIdle().toNanos())));
    } else if (maxBatch > 0) {
      config.setDynamicBatching(batching(served, maxBatch, around.profile()));
    }
    return config.build();
  }

  private static ModelDynamicBatching.Builder batching(
      ServedVersion served, int maxBatch, Optional<Profile> profile) {
    long delay = served.serving().batching().maxDelay().toNanos();
    var scheduling = served.serving().scheduling();
    int levels = scheduling.priorityLevels();
    var batching =
        ModelDynamicBatching.newBuilder()
            .setMaxQueueDelayMicroseconds(TimeUnit.NANOSECONDS.toMicros(delay))
            .setPreserveOrdering(scheduling.ordering() == QueuePolicy.Ordering.BY_ARRIVAL)
            .setPriorityLevels(levels)
            .setDefaultPriorityLevel((levels + 1) / 2);
    profile.ifPresent(
        measured ->
            batching.addPreferredBatchSize(Math.min(measured.recommended().batch(), maxBatch)));
    return batching;
  }

  /** At least the version that is described: it answers, whatever traffic it gets. */
  private static List<Long> versions(ServedVersion served, Surroundings around) {
    return around.versions().isEmpty()
        ? List.of((long) served.version().key().version())
        : around.versions();
  }

  private static ModelInstanceGroup.Builder instances(String name, ServedVersion served) {
    var group =
        ModelInstanceGroup.newBuilder()
            .setName(name)
            .setCount(Math.max(1, served.serving().scheduling().instances()));
    Device device = SessionSettings.of(served.serving().engine()).device();
    return device.provider() == Device.Provider.CPU
        ? group.setKind(ModelInstanceGroup.Kind.KIND_CPU)
        : group.setKind(ModelInstanceGroup.Kind.KIND_GPU).addGpus(device.id());
  }

  /** What clients find in the configuration besides the protocol's own fields. */
  private static Map<String, ModelParameter> parameters(ServedVersion served) {
    var parameters = new LinkedHashMap<String, ModelParameter>();
    properties(served)
        .forEach(
            (name, value) ->
                parameters.put(name, ModelParameter.newBuilder().setStringValue(value).build()));
    return parameters;
  }

  /** The file that names each of an output's classes; empty when none does. */
  private static String labels(ServedVersion served, TensorSignature output) {
    String file = served.version().manifest().labels();
    if (file == null || output.datatype() == dev.millrace.protocol.tensor.DataType.BYTES) {
      return "";
    }
    List<Long> dims = dims(output, true);
    // One free axis makes the product 0, and then nothing is known to fit.
    long classes = dims.stream().reduce(1L, (product, dim) -> product * Math.max(dim, 0));
    return !dims.isEmpty() && classes > 0 && classes == served.labels() ? file : "";
  }

  /** The protocol tells either how sequences are run or how others are batched, not both. */
  private static ModelSequenceBatching.Builder sequences(
      Signature signature, Map<String, String> states, boolean withoutBatch) {
    var sequences = ModelSequenceBatching.newBuilder();
    for (TensorSignature input : signature.inputs()) {
      String output = states.get(input.name());
      if (output != null) {
        sequences.addState(
            ModelSequenceBatching.State.newBuilder()
                .setInputName(input.name())
                .setOutputName(output)
                .setDataType(DataType.forNumber(input.datatype().configNumber()))
                .addAllDims(dims(input, withoutBatch)));
      }
    }
    return sequences;
  }

  /** A batch size above 0 tells clients that axis 0 is the batch everywhere; 0 tells nothing. */
  private static int maxBatch(ServedVersion served) {
    Signature signature = served.signature();
    boolean leading =
        Stream.concat(signature.inputs().stream(), signature.outputs().stream())
            .allMatch(tensor -> tensor.batchAxis() != null && tensor.batchAxis() == 0);
    return signature.batchable() && leading ? served.serving().batching().maxBatch() : 0;
  }

  private static List<TensorMetadata> tensors(List<TensorSignature> tensors) {
    return tensors.stream()
        .map(
            tensor ->
                new TensorMetadata(tensor.name(), tensor.datatype().name(), dims(tensor, false)))
        .toList();
  }

  private static List<Long> dims(TensorSignature tensor, boolean withoutBatch) {
    List<Long> dims = new ArrayList<>();
    for (int axis = 0; axis < tensor.shape().size(); axis++) {
      Dimension dimension = tensor.shape().get(axis);
      Integer batchAxis = tensor.batchAxis();
      if (!withoutBatch || batchAxis == null || batchAxis != axis) {
        dims.add(dimension.isFree() ? -1 : dimension.size());
      }
    }
    return dims;
  }

  private static Map<String, String> properties(ServedVersion served) {
    Map<String, String> properties = new LinkedHashMap<>();
    ModelManifest manifest = served.version().manifest();
    properties.put("digest", served.version().digest());
    properties.put("task", manifest.task() == null ? "tensor" : manifest.task());
    served.signature().inputs().stream()
        .map(TensorSignature::batchAxis)
        .filter(axis -> axis != null)
        .findFirst()
        .ifPresent(axis -> properties.put("batch_axis", axis.toString()));
    if (manifest.license() != null) {
      properties.put("license", manifest.license());
    }
    return properties;
  }
}
