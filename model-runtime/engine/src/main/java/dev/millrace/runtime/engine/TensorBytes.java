package dev.millrace.runtime.engine;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes of tensors: whether they fit the shape, and strings in and out of them. Pure. */
final class TensorBytes {
  private static final int LENGTH_BYTES = 4;

  private TensorBytes() {}

  /** Checks that the bytes are exactly what the datatype and shape ask for. */
  static void check(Tensor tensor) {
    long elements = tensor.elementCount();
    if (tensor.datatype() == DataType.BYTES) {
      strings(tensor);
      return;
    }
    int size = tensor.datatype().byteSize();
    if (elements > Integer.MAX_VALUE / size || elements * size != tensor.byteSize()) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "input '%s': %d bytes (expected: %s bytes for %s %s)",
          tensor.name(),
          tensor.byteSize(),
          elements > Integer.MAX_VALUE / size ? "more than 2 GiB of" : elements * size,
          tensor.datatype(),
          Arrays.toString(tensor.shape()));
    }
  }

  /**
   * The elements of a BYTES tensor. ONNX strings are text, so each must be UTF-8.
   *
   * @throws MillraceException INVALID_ARGUMENT when lengths lie, elements are missing or left over,
   *     or one is not UTF-8
   */
  static String[] strings(Tensor tensor) {
    long elements = tensor.elementCount();
    ByteBuffer data = tensor.data();
    if (elements > data.remaining() / LENGTH_BYTES) {
      throw invalid(tensor, "holds fewer than the %d elements of its shape", elements);
    }
    var strings = new String[(int) elements];
    for (int i = 0; i < strings.length; i++) {
      if (data.remaining() < LENGTH_BYTES) {
        throw invalid(tensor, "ends before element %d of %d", i, elements);
      }
      long length = Integer.toUnsignedLong(data.getInt());
      if (length > data.remaining()) {
        throw invalid(
            tensor, "element %d claims %d bytes and %d are left", i, length, data.remaining());
      }
      strings[i] = decode(tensor, data, i, (int) length);
    }
    if (data.hasRemaining()) {
      throw invalid(tensor, "%d bytes are left after the %d elements", data.remaining(), elements);
    }
    return strings;
  }

  /** The strings as the content of a BYTES tensor, in a heap buffer. */
  static ByteBuffer ofStrings(String[] strings) {
    var encoded = new byte[strings.length][];
    int size = 0;
    for (int i = 0; i < strings.length; i++) {
      encoded[i] = strings[i].getBytes(StandardCharsets.UTF_8);
      size = Math.addExact(size, LENGTH_BYTES + encoded[i].length);
    }
    ByteBuffer data = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] element : encoded) {
      data.putInt(element.length).put(element);
    }
    return data.flip();
  }

  private static String decode(Tensor tensor, ByteBuffer data, int index, int length) {
    ByteBuffer element = data.slice(data.position(), length);
    data.position(data.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(element).toString();
    } catch (CharacterCodingException notText) {
      throw invalid(tensor, "element %d is not UTF-8 text", index);
    }
  }

  private static MillraceException invalid(Tensor tensor, String format, Object... arguments) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "input '%s' (BYTES %s): %s",
        tensor.name(),
        Arrays.toString(tensor.shape()),
        String.format(java.util.Locale.ROOT, format, arguments));
  }
}
