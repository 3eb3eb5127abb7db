package dev.millrace.protocol.control;

import dev.millrace.protocol.tensor.DataType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One input or output of a version.
 *
 * @param datatype the element type
 * @param shape the dimensions, outermost first; empty for a scalar
 * @param batchAxis index of the dimension along which requests can be joined; null when there is
 *     none (a scalar shared by the batch, or a fixed batch)
 */
public record TensorSignature(
    String name, DataType datatype, List<Dimension> shape, @Nullable Integer batchAxis) {
  public TensorSignature {
    shape = List.copyOf(shape);
  }
}
