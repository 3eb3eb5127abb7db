package dev.millrace.registry.sample;

import dev.millrace.protocol.tensor.DataType;
import java.util.List;

/**
 * One input of a sample request.
 *
 * @param shape every dimension fixed
 * @param values all elements in row-major order, as Long, Double, Boolean or String; empty for a
 *     tensor of zeros that nobody wants to read in full, or whose datatype has no JSON form
 */
public record SampleTensor(String name, DataType datatype, List<Long> shape, List<Object> values) {
  public SampleTensor {
    shape = List.copyOf(shape);
    values = List.copyOf(values);
  }

  /** The number of elements. */
  public long count() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** Whether the elements are listed; otherwise they are zeros. */
  public boolean listed() {
    return !values.isEmpty() || count() == 0;
  }

  /** Bytes of all elements of a datatype of fixed size. */
  public long byteSize() {
    return Math.multiplyExact(count(), datatype.byteSize());
  }
}
