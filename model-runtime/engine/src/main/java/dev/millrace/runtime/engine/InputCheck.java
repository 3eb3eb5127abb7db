package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks a request against a signature before it is queued, so that a bad request costs no compute
 * and spoils nobody's batch. Every message names the tensor, what came and what was expected.
 *
 * <p>Immutable and thread-safe; one per loaded version.
 */
public final class InputCheck {
  private static final int QUOTED = 80;

  private final List<TensorSignature> inputs;
  private final Map<String, Integer> indexByName = new HashMap<>();
  private final List<String> outputNames;
  private final boolean batchable;
  private final boolean oneShape;
  private final boolean oneFamily;

  /** Whether a symbol stands in two places, which must then be equal. */
  private final boolean sharesSymbols;

  private final @Nullable PaddingPlan padding;

  private InputCheck(Signature signature, @Nullable PaddingPlan padding) {
    this.padding = padding;
    this.inputs = signature.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      indexByName.put(inputs.get(i).name(), i);
    }
    this.outputNames = signature.outputs().stream().map(TensorSignature::name).toList();
    this.batchable = signature.batchable();
    this.sharesSymbols = sharesSymbols(inputs);
    this.oneShape = onlyBatchIsFree(null);
    this.oneFamily = padding != null && onlyBatchIsFree(padding);
  }

  private static boolean sharesSymbols(List<TensorSignature> inputs) {
    var symbols = new HashSet<String>();
    boolean shared = false;
    for (TensorSignature input : inputs) {
      for (Dimension dimension : input.shape()) {
        String symbol = dimension.symbol();
        shared |= symbol != null && !symbols.add(symbol);
      }
    }
    return shared;
  }

  /** A check against the signature of a loaded version. */
  public static InputCheck of(Signature signature) {
    return new InputCheck(signature, null);
  }

  /** The same where requests of different length may share a batch. */
  public static InputCheck of(Signature signature, PaddingPlan padding) {
    return new InputCheck(signature, padding);
  }

  /**
   * The request in the model's terms.
   *
   * @throws MillraceException INVALID_ARGUMENT when the request does not fit the signature;
   *     NOT_IMPLEMENTED when a datatype cannot be given to ONNX Runtime from Java
   */
  public ModelRequest check(InferRequest request) {
    List<RequestedOutput> wanted = request.outputs();
    return check(
        request.inputs(),
        wanted.isEmpty() ? List.of() : wanted.stream().map(RequestedOutput::name).toList());
  }

  /**
   * The same for tensors that did not come as a request.
   *
   * @param outputs names of the outputs to return; empty means all
   */
  public ModelRequest check(List<Tensor> tensors, List<String> outputs) {
    var ordered = new Tensor[inputs.size()];
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      Integer index = indexByName.get(tensor.name());
      if (index == null) {
        throw invalid("unknown input '%s' (expected: %s)", quoted(tensor.name()), names());
      }
      if (ordered[index] != null) {
        throw invalid("input '%s' is given twice", tensor.name());
      }
      ordered[index] = tensor;
    }
    Map<String, Bound> symbols = sharesSymbols ? new HashMap<>() : Map.of();
    int rows = 1;
    long bytes = 0;
    for (int i = 0; i < ordered.length; i++) {
      TensorSignature expected = inputs.get(i);
      Tensor tensor = ordered[i];
      if (tensor == null) {
        throw invalid(
            "input '%s' is missing (expected: %s %s)",
            expected.name(), expected.datatype(), expected.shape());
      }
      checkDatatype(tensor, expected);
      checkShape(tensor, expected, symbols);
      TensorBytes.check(tensor);
      bytes += tensor.byteSize();
      if (batchable && expected.batchAxis() != null) {
        rows = rowsOf(tensor, expected.batchAxis());
      }
    }
    List<Tensor> inOrder = List.of(ordered);
    return keyed(inOrder, outputs(outputs), rows, bytes);
  }

  private ModelRequest keyed(List<Tensor> tensors, List<String> outputs, int rows, long bytes) {
    int length = padding == null ? 0 : padding.lengthOf(tensors);
    if (length == 0) {
      Object key = shapeKey(tensors);
      return new ModelRequest(tensors, outputs, rows, bytes, key, key, 1);
    }
    Object family = oneFamily ? this : ShapeKey.of(inputs, tensors, padding);
    return new ModelRequest(
        tensors, outputs, rows, bytes, new Sized(family, length), family, length);
  }

  private static void checkDatatype(Tensor tensor, TensorSignature expected) {
    if (tensor.datatype() != expected.datatype()) {
      throw invalid(
          "input '%s': datatype %s (expected: %s)",
          tensor.name(), tensor.datatype(), expected.datatype());
    }
    DataType type = tensor.datatype();
    if (type == DataType.UINT16 || type == DataType.UINT32 || type == DataType.UINT64) {
      throw MillraceException.of(
          ErrorCode.NOT_IMPLEMENTED,
          "input '%s': datatype %s cannot be given to ONNX Runtime from Java",
          tensor.name(),
          type);
    }
  }

  private void checkShape(Tensor tensor, TensorSignature expected, Map<String, Bound> symbols) {
    long[] shape = tensor.shape();
    if (shape.length != expected.shape().size()) {
      throw invalid(
          "input '%s': shape %s has rank %d (expected: rank %d, %s)",
          tensor.name(),
          Arrays.toString(shape),
          shape.length,
          expected.shape().size(),
          expected.shape());
    }
    for (int axis = 0; axis < shape.length; axis++) {
      Dimension dimension = expected.shape().get(axis);
      long size = shape[axis];
      boolean batch = expected.batchAxis() != null && expected.batchAxis() == axis;
      if (size < 0 || (batch && (size == 0 || size > Integer.MAX_VALUE))) {
        throw invalid(
            "input '%s': dimension %d of shape %s is %d (expected: at least %d)",
            tensor.name(), axis, Arrays.toString(shape), size, batch ? 1 : 0);
      }
      if (!dimension.isFree() && dimension.size() != size) {
        throw invalid(
            "input '%s': dimension %d of shape %s is %d (expected: %d, shape %s)",
            tensor.name(), axis, Arrays.toString(shape), size, dimension.size(), expected.shape());
      }
      if (sharesSymbols && dimension.symbol() != null) {
        Bound bound =
            symbols.computeIfAbsent(dimension.symbol(), symbol -> new Bound(size, tensor.name()));
        if (bound.size != size) {
          throw invalid(
              "input '%s': dimension %d of shape %s is %d (expected: %d, since '%s' is %d in input"
                  + " '%s')",
              tensor.name(),
              axis,
              Arrays.toString(shape),
              size,
              bound.size,
              dimension.symbol(),
              bound.size,
              bound.input);
        }
      }
    }
  }

  private List<String> outputs(List<String> requested) {
    if (requested.isEmpty()) {
      return outputNames;
    }
    for (int i = 0; i < requested.size(); i++) {
      String name = requested.get(i);
      if (!outputNames.contains(name)) {
        throw invalid(
            "unknown output '%s' (expected: %s)", quoted(name), String.join(", ", outputNames));
      }
      if (requested.indexOf(name) != i) {
        throw invalid("output '%s' is asked for twice", name);
      }
    }
    return List.copyOf(requested);
  }

  private Object shapeKey(List<Tensor> tensors) {
    if (!batchable) {
      return new Object();
    }
    return oneShape ? this : ShapeKey.of(inputs, tensors, null);
  }

  /** Whether all requests are of one shape but for the batch and what {@code plan} pads. */
  private boolean onlyBatchIsFree(@Nullable PaddingPlan plan) {
    for (int i = 0; i < inputs.size(); i++) {
      Integer batchAxis = inputs.get(i).batchAxis();
      if (batchAxis == null) {
        return false;
      }
      List<Dimension> shape = inputs.get(i).shape();
      for (int axis = 0; axis < shape.size(); axis++) {
        boolean open = axis == batchAxis || (plan != null && plan.isLength(i, axis));
        if (!open && shape.get(axis).isFree()) {
          return false;
        }
      }
    }
    return true;
  }

  private static int rowsOf(Tensor tensor, int batchAxis) {
    return Math.toIntExact(tensor.shape()[batchAxis]);
  }

  private String names() {
    return String.join(", ", inputs.stream().map(TensorSignature::name).toList());
  }

  /** Callers choose names of any length, but not the length of our answers. */
  private static String quoted(String name) {
    return name.length() <= QUOTED ? name : name.substring(0, QUOTED) + "…";
  }

  private static MillraceException invalid(String format, @Nullable Object... arguments) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, format, arguments);
  }

  /** The shape of requests that are equal in all but length. */
  private record Sized(Object family, int length) {}

  /** What a symbol stands for in this request, and the input that said so first. */
  private record Bound(long size, String input) {}
}
