package dev.millrace.runtime.engine;

import ai.onnxruntime.OnnxTensor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of one ONNX Runtime call: which are written into our memory, which are copied out,
 * and what came of each. There are few, so a name is looked for in a row. Confined to one thread;
 * close after the call, the results stay.
 */
final class WantedOutputs implements AutoCloseable {
  private final List<String> names;
  private final @Nullable OutputData[] data;
  private final @Nullable OnnxTensor[] tensors;
  private int pinned;

  /**
   * Nothing is pinned yet.
   *
   * @param names without repeats; not changed, and not to be changed
   */
  WantedOutputs(List<String> names) {
    this.names = names;
    this.data = new @Nullable OutputData[names.size()];
    this.tensors = new @Nullable OnnxTensor[names.size()];
  }

  int size() {
    return names.size();
  }

  String name(int index) {
    return names.get(index);
  }

  /** ONNX Runtime shall write this output into {@code tensor}, whose memory {@code place} tells. */
  void pin(int index, OnnxTensor tensor, OutputData place) {
    tensors[index] = tensor;
    data[index] = place;
    pinned++;
  }

  /** The tensors to write into, by name. */
  Map<String, OnnxTensor> pinned() {
    if (pinned == 0) {
      return Map.of();
    }
    if (names.size() == 1) {
      OnnxTensor only = tensors[0];
      return only == null ? Map.of() : Map.of(names.get(0), only);
    }
    Map<String, OnnxTensor> byName = new LinkedHashMap<>();
    for (int i = 0; i < tensors.length; i++) {
      OnnxTensor tensor = tensors[i];
      if (tensor != null) {
        byName.put(names.get(i), tensor);
      }
    }
    return byName;
  }

  /** Names of the outputs that ONNX Runtime makes memory for. */
  Set<String> unpinned() {
    if (pinned == names.size()) {
      return Set.of();
    }
    Set<String> rest = new LinkedHashSet<>();
    for (int i = 0; i < tensors.length; i++) {
      if (tensors[i] == null) {
        rest.add(names.get(i));
      }
    }
    return rest;
  }

  /** Tells what came of an output that was not pinned. */
  void put(String name, OutputData output) {
    data[names.indexOf(name)] = output;
  }

  /** What came of an output. */
  OutputData data(String name) {
    int index = names.indexOf(name);
    OutputData output = index < 0 ? null : data[index];
    if (output == null) {
      throw new IllegalStateException("output '" + name + "' was not computed");
    }
    return output;
  }

  @Override
  public void close() {
    for (OnnxTensor tensor : tensors) {
      if (tensor != null) {
        tensor.close();
      }
    }
  }
}
