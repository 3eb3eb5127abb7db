package dev.millrace.protocol.tensor;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes tensors from Java values and reads them back. Factories copy their values into a new heap
 * buffer and refuse a count that does not fit the shape; readers give views where the layout
 * allows. A shape of no dimensions is a scalar.
 */
public final class Tensors {
  private Tensors() {}

  /** An FP32 tensor. */
  public static Tensor float32(String name, float[] values, long... shape) {
    ByteBuffer data = room(name, DataType.FP32, values.length, shape);
    data.asFloatBuffer().put(values);
    return new Tensor(name, DataType.FP32, shape, data);
  }

  /** An FP64 tensor. */
  public static Tensor float64(String name, double[] values, long... shape) {
    ByteBuffer data = room(name, DataType.FP64, values.length, shape);
    data.asDoubleBuffer().put(values);
    return new Tensor(name, DataType.FP64, shape, data);
  }

  /** An INT64 tensor. */
  public static Tensor int64(String name, long[] values, long... shape) {
    ByteBuffer data = room(name, DataType.INT64, values.length, shape);
    data.asLongBuffer().put(values);
    return new Tensor(name, DataType.INT64, shape, data);
  }

  /** An INT32 tensor. */
  public static Tensor int32(String name, int[] values, long... shape) {
    ByteBuffer data = room(name, DataType.INT32, values.length, shape);
    data.asIntBuffer().put(values);
    return new Tensor(name, DataType.INT32, shape, data);
  }

  /** An INT16 tensor. */
  public static Tensor int16(String name, short[] values, long... shape) {
    ByteBuffer data = room(name, DataType.INT16, values.length, shape);
    data.asShortBuffer().put(values);
    return new Tensor(name, DataType.INT16, shape, data);
  }

  /** An INT8 tensor. */
  public static Tensor int8(String name, byte[] values, long... shape) {
    ByteBuffer data = room(name, DataType.INT8, values.length, shape);
    return new Tensor(name, DataType.INT8, shape, data.put(values).flip());
  }

  /** A UINT8 tensor; each byte counts as 0–255. */
  public static Tensor uint8(String name, byte[] values, long... shape) {
    ByteBuffer data = room(name, DataType.UINT8, values.length, shape);
    return new Tensor(name, DataType.UINT8, shape, data.put(values).flip());
  }

  /** A BOOL tensor. */
  public static Tensor bool(String name, boolean[] values, long... shape) {
    ByteBuffer data = room(name, DataType.BOOL, values.length, shape);
    for (boolean value : values) {
      data.put((byte) (value ? 1 : 0));
    }
    return new Tensor(name, DataType.BOOL, shape, data.flip());
  }

  /** A BYTES tensor of UTF-8 strings. */
  public static Tensor strings(String name, List<String> values, long... shape) {
    var elements = new ArrayList<byte[]>(values.size());
    for (String value : values) {
      elements.add(value.getBytes(StandardCharsets.UTF_8));
    }
    return bytes(name, elements, shape);
  }

  /** A BYTES tensor of blobs. */
  public static Tensor bytes(String name, List<byte[]> values, long... shape) {
    checkCount(name, values.size(), shape);
    return new Tensor(name, DataType.BYTES, shape, BytesFraming.encode(values));
  }

  /**
   * The values of an FP32 tensor, as a view.
   *
   * @throws MillraceException INVALID_ARGUMENT when the tensor has another datatype
   */
  public static FloatBuffer floats(Tensor tensor) {
    return require(tensor, DataType.FP32).asFloatBuffer();
  }

  /** The values of an FP64 tensor, as a view. */
  public static DoubleBuffer doubles(Tensor tensor) {
    return require(tensor, DataType.FP64).asDoubleBuffer();
  }

  /** The values of an INT64 or UINT64 tensor, as a view. */
  public static LongBuffer longs(Tensor tensor) {
    return require(tensor, DataType.INT64, DataType.UINT64).asLongBuffer();
  }

  /** The values of an INT32 or UINT32 tensor, as a view. */
  public static IntBuffer ints(Tensor tensor) {
    return require(tensor, DataType.INT32, DataType.UINT32).asIntBuffer();
  }

  /** The values of an FP32 tensor, copied. */
  public static float[] floatArray(Tensor tensor) {
    FloatBuffer view = floats(tensor);
    var values = new float[view.remaining()];
    view.get(values);
    return values;
  }

  /** The values of an INT64 or UINT64 tensor, copied. */
  public static long[] longArray(Tensor tensor) {
    LongBuffer view = longs(tensor);
    var values = new long[view.remaining()];
    view.get(values);
    return values;
  }

  /** The elements of a BYTES tensor as UTF-8 text; its framing is checked first. */
  public static List<String> strings(Tensor tensor) {
    var strings = new ArrayList<String>();
    for (ByteBuffer element : elements(tensor)) {
      strings.add(StandardCharsets.UTF_8.decode(element).toString());
    }
    return strings;
  }

  /** The elements of a BYTES tensor as views; its framing is checked first. */
  public static List<ByteBuffer> elements(Tensor tensor) {
    ByteBuffer data = require(tensor, DataType.BYTES);
    BytesFraming.check("tensor '" + tensor.name() + "'", data, tensor.elementCount());
    var elements = new ArrayList<ByteBuffer>();
    while (data.hasRemaining()) {
      elements.add(BytesFraming.next(data));
    }
    return elements;
  }

  private static ByteBuffer require(Tensor tensor, DataType... expected) {
    for (DataType type : expected) {
      if (tensor.datatype() == type) {
        return tensor.data();
      }
    }
    throw MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "tensor '%s' is %s, not %s",
        tensor.name(),
        tensor.datatype(),
        expected[0]);
  }

  private static ByteBuffer room(String name, DataType type, int count, long[] shape) {
    checkCount(name, count, shape);
    return ByteBuffer.allocate(Math.multiplyExact(count, type.byteSize()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void checkCount(String name, int count, long[] shape) {
    long expected = Shapes.elementCount(name, shape);
    if (expected != count) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "tensor '%s': %d values for shape %s, which needs %d",
          name,
          count,
          java.util.Arrays.toString(shape),
          expected);
    }
  }
}
