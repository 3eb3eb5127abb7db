package dev.millrace.protocol.oip;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.BytesFraming;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Shapes;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a message says about a tensor before its data are looked at.
 *
 * @param role {@code input} or {@code output}
 * @param position where it stands in its list
 * @param elements the product of the shape
 */
record TensorHead(
    String role, int position, String name, DataType datatype, long[] shape, long elements) {

  /**
   * Checks the parts that every form of a tensor has.
   *
   * @param role {@code input} or {@code output}
   * @param position where it stands in its list; names a tensor that has no name
   */
  static TensorHead of(
      String role, int position, @Nullable String name, @Nullable String datatype, long[] shape) {
    if (name == null || name.isEmpty()) {
      throw Reject.because("%s: 'name' is missing", label(role, position, name));
    }
    if (datatype == null || datatype.isEmpty()) {
      throw Reject.because("%s: 'datatype' is missing", label(role, position, name));
    }
    DataType type =
        DataType.byName(datatype)
            .orElseThrow(
                () ->
                    Reject.because(
                        "%s: unknown datatype '%s' (expected one of BOOL, UINT8, UINT16, UINT32,"
                            + " UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BYTES, BF16)",
                        label(role, position, name), Reject.quote(datatype)));
    long elements = Shapes.elementCount(shape);
    if (elements < 0) {
      throw uncountable(label(role, position, name), shape);
    }
    return new TensorHead(role, position, name, type, shape, elements);
  }

  /** How messages name it, for example {@code input 'x'}. Made when a message is. */
  String label() {
    return label(role, position, name);
  }

  static String label(String role, int position, @Nullable String name) {
    return name == null || name.isEmpty()
        ? role + "s[" + position + "]"
        : role + " '" + Reject.quote(name) + "'";
  }

  private static MillraceException uncountable(String label, long[] shape) {
    for (long dimension : shape) {
      if (dimension < 0) {
        return Reject.because(
            "%s: shape %s has a negative dimension; send the real size",
            label, Reject.shape(shape));
      }
    }
    return Reject.because(
        "%s: shape %s has more elements than can be counted", label, Reject.shape(shape));
  }

  /**
   * The tensor over little-endian bytes that came with the message, without copying them.
   *
   * @throws MillraceException INVALID_ARGUMENT when the bytes do not fit datatype and shape
   */
  Tensor over(ByteBuffer bytes, Map<String, Object> parameters) {
    if (!datatype.fixedSize()) {
      BytesFraming.check(label(), bytes, elements);
      return new Tensor(name, datatype, shape, bytes, parameters);
    }
    long size = datatype.byteSize();
    if (elements > Long.MAX_VALUE / size || elements * size != bytes.remaining()) {
      throw Reject.because(
          "%s: %d bytes came, but %s%s needs %s",
          label(),
          bytes.remaining(),
          datatype,
          Reject.shape(shape),
          elements > Long.MAX_VALUE / size ? "more than can be counted" : elements * size);
    }
    return new Tensor(name, datatype, shape, bytes, parameters);
  }

  MillraceException countMismatch(long came) {
    return Reject.because(
        "%s: data has %d elements, but shape %s needs %d",
        label(), came, Reject.shape(shape), elements);
  }
}
