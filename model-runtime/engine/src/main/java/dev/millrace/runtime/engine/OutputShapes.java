package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells the shape of an output before the run, where the signature says it: fixed sizes, the batch,
 * and symbols that stand in an input.
 */
final class OutputShapes {
  private final Map<String, Long> symbols = new HashMap<>();
  private final long rows;

  /**
   * Binds the symbols of one call.
   *
   * @param inputs one request of the batch, in the signature's order
   * @param rows rows of the whole batch
   */
  OutputShapes(Signature signature, List<Tensor> inputs, long rows) {
    this.rows = rows;
    for (int i = 0; i < inputs.size(); i++) {
      List<Dimension> dimensions = signature.inputs().get(i).shape();
      for (int axis = 0; axis < dimensions.size(); axis++) {
        String symbol = dimensions.get(axis).symbol();
        if (symbol != null) {
          symbols.put(symbol, inputs.get(i).shape()[axis]);
        }
      }
    }
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
    return dimension.symbol() == null ? -1 : symbols.getOrDefault(dimension.symbol(), -1L);
  }
}
