package dev.millrace.protocol.control;

import java.util.List;
import java.util.Optional;

/**
 * Inputs and outputs of a version, in the order the model declares them.
 *
 * @param inputs without the weights: only what a caller must send
 */
public record Signature(List<TensorSignature> inputs, List<TensorSignature> outputs) {
  public Signature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The input of that name. */
  public Optional<TensorSignature> input(String name) {
    return find(inputs, name);
  }

  /** The output of that name. */
  public Optional<TensorSignature> output(String name) {
    return find(outputs, name);
  }

  /** Whether requests can be joined: at least one input and every output has a batch axis. */
  public boolean batchable() {
    return inputs.stream().anyMatch(input -> input.batchAxis() != null)
        && !outputs.isEmpty()
        && outputs.stream().allMatch(output -> output.batchAxis() != null);
  }

  private static Optional<TensorSignature> find(List<TensorSignature> tensors, String name) {
    return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
  }
}
