package dev.millrace.runtime.server.sequence;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which tensors a version keeps within a sequence, and how a request is completed by them.
 * Immutable and pure.
 */
public final class StatePlan {
  /** Of one tensor that is kept: more is no state but a mistake. */
  private static final long LARGEST = 64L << 20;

  private final Signature signature;
  private final Map<String, String> outputByInput;

  private StatePlan(Signature signature, Map<String, String> outputByInput) {
    this.signature = signature;
    this.outputByInput = outputByInput;
  }

  /**
   * The plan of a version.
   *
   * @param states the manifest's: output by the input that it becomes; both are in the signature
   * @return empty for a version that keeps nothing
   */
  public static Optional<StatePlan> of(Signature signature, Map<String, String> states) {
    return states.isEmpty()
        ? Optional.empty()
        : Optional.of(new StatePlan(signature, new TreeMap<>(states)));
  }

  /** How many tensors are kept. */
  int size() {
    return outputByInput.size();
  }

  /**
   * The request with the kept tensors as inputs and the next ones among its outputs, last. A tensor
   * that the request brings itself goes before the kept one.
   *
   * @param kept in the plan's order; empty at the start of a sequence
   */
  InferRequest complete(InferRequest request, List<Tensor> kept) {
    var inputs = new ArrayList<>(request.inputs());
    int rows = rows(request);
    int index = 0;
    for (String name : outputByInput.keySet()) {
      if (request.inputs().stream().noneMatch(tensor -> tensor.name().equals(name))) {
        inputs.add(kept.isEmpty() ? initial(name, rows) : kept.get(index));
      }
      index++;
    }
    List<RequestedOutput> outputs = new ArrayList<>(visible(request));
    for (String output : outputByInput.values()) {
      if (outputs.stream().noneMatch(asked -> asked.name().equals(output))) {
        outputs.add(new RequestedOutput(output, Map.of()));
      }
    }
    return new InferRequest(
        request.modelName(),
        request.modelVersion(),
        request.id(),
        request.parameters(),
        inputs,
        outputs);
  }

  /** How many outputs, the first ones, the caller is to see. */
  int visibleCount(InferRequest request) {
    return visible(request).size();
  }

  /**
   * The tensors to keep, copied: the originals' memory serves another batch soon.
   *
   * @param outputs of the completed request
   */
  List<Tensor> next(List<Tensor> outputs) {
    var next = new ArrayList<Tensor>(outputByInput.size());
    outputByInput.forEach((input, output) -> next.add(copy(input, find(outputs, output))));
    return List.copyOf(next);
  }

  /** What the caller asked for; all outputs that are not kept when it asked for none. */
  private List<RequestedOutput> visible(InferRequest request) {
    if (!request.outputs().isEmpty()) {
      return request.outputs();
    }
    return signature.outputs().stream()
        .map(TensorSignature::name)
        .filter(name -> !outputByInput.containsValue(name))
        .map(name -> new RequestedOutput(name, Map.of()))
        .toList();
  }

  private static Tensor find(List<Tensor> outputs, String name) {
    return outputs.stream()
        .filter(tensor -> tensor.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no output '" + name + "'"));
  }

  private static Tensor copy(String name, Tensor output) {
    ByteBuffer data = ByteBuffer.allocate(output.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    data.put(output.data()).flip();
    return new Tensor(name, output.datatype(), output.shape().clone(), data);
  }

  /**
   * Zeros; a free size other than the batch's begins with nothing, since it grows with the
   * sequence.
   */
  private Tensor initial(String name, int rows) {
    TensorSignature input = signature.input(name).orElseThrow();
    long[] shape = new long[input.shape().size()];
    long bytes = input.datatype().byteSize();
    int batch = batchAxis(input);
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = axis == batch ? rows : Math.max(0, input.shape().get(axis).size());
      bytes *= shape[axis];
      if (bytes > LARGEST) {
        throw MillraceException.of(
            ErrorCode.INVALID_ARGUMENT,
            "the state '%s' of %d rows would have more than %d bytes",
            name,
            rows,
            LARGEST);
      }
    }
    return new Tensor(
        name,
        input.datatype(),
        shape,
        ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN));
  }

  private int rows(InferRequest request) {
    for (Tensor tensor : request.inputs()) {
      TensorSignature input = signature.input(tensor.name()).orElse(null);
      int axis = input == null ? -1 : leadingAxis(input);
      if (axis >= 0 && axis < tensor.rank()) {
        return (int) Math.clamp(tensor.shape()[axis], 1, Integer.MAX_VALUE);
      }
    }
    return 1;
  }

  /**
   * Where a state has the rows of its request, or -1. A model whose sizes have no names has no
   * batch that requests could share; its own rows are the leading size of what the caller sends,
   * and the first free size of a state follows them (a speech detector's {@code [2, ?, 128]}).
   */
  private int batchAxis(TensorSignature state) {
    if (state.batchAxis() != null) {
      return state.batchAxis();
    }
    boolean rowsAreFree =
        signature.inputs().stream()
            .anyMatch(input -> !outputByInput.containsKey(input.name()) && leadingAxis(input) == 0);
    for (int axis = 0; rowsAreFree && axis < state.shape().size(); axis++) {
      if (isNameless(state, axis)) {
        return axis;
      }
    }
    return -1;
  }

  private int leadingAxis(TensorSignature input) {
    if (input.batchAxis() != null) {
      return input.batchAxis();
    }
    boolean free = !outputByInput.containsKey(input.name()) && !input.shape().isEmpty();
    return free && isNameless(input, 0) ? 0 : -1;
  }

  private static boolean isNameless(TensorSignature tensor, int axis) {
    var dimension = tensor.shape().get(axis);
    return dimension.isFree() && dimension.symbol() == null;
  }
}
