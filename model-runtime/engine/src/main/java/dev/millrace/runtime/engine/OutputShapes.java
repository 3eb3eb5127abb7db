package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Tells the shape of an output before the run, where the signature says it: fixed sizes, the batch,
 * and symbols that stand in an input.
 */
final class OutputShapes {
  private final Signature signature;
  private final List<Tensor> inputs;
  private final long rows;

  /**
   * Binds the symbols of one call.
   *
   * @param inputs one request of the batch, in the signature's order
   * @param rows rows of the whole batch
   */
  OutputShapes(Signature signature, List<Tensor> inputs, long rows) {
    this.signature = signature;
    this.inputs = inputs;
    this.rows = rows;
  }

  /** The shape, unless the signature leaves a dimension open or it is too big for one buffer. */
  Optional<long[]> of(TensorSignature output) {
    var shape = new long[output.shape().size()];
    long bytes = output.datatype().byteSize();
    for (int axis = 0; axis < shape.length; axis++) {
      long size = sizeOf(output, axis);
      if (size <= 0 || bytes > Integer.MAX_VALUE / size) {
        return Optional.empty();
      }
      shape[axis] = size;
      bytes *= size;
    }
    return Optional.of(shape);
  }

  private long sizeOf(TensorSignature output, int axis) {
    Dimension dimension = output.shape().get(axis);
    if (output.batchAxis() != null && output.batchAxis() == axis) {
      return rows;
    }
    if (!dimension.isFree()) {
      return dimension.size();
    }
    String symbol = dimension.symbol();
    return symbol == null ? -1 : sizeOf(symbol);
  }

  /** Looked up where it is needed: most outputs need the batch alone. */
  private long sizeOf(String symbol) {
    for (int i = inputs.size() - 1; i >= 0; i--) {
      List<Dimension> dimensions = signature.inputs().get(i).shape();
      for (int axis = dimensions.size() - 1; axis >= 0; axis--) {
        if (symbol.equals(dimensions.get(axis).symbol())) {
          return inputs.get(i).shape()[axis];
        }
      }
    }
    return -1;
  }
}
