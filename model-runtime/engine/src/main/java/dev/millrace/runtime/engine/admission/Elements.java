package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;

/** Single elements of tensors as numbers. Pure. */
final class Elements {
  private Elements() {}

  /** Writes one element at the buffer's position. */
  static void put(ByteBuffer data, DataType type, double value) {
    switch (type) {
      case BOOL, INT8, UINT8 -> data.put((byte) (long) value);
      case INT16, UINT16 -> data.putShort((short) (long) value);
      case INT32, UINT32 -> data.putInt((int) (long) value);
      case INT64, UINT64 -> data.putLong((long) value);
      case FP16 -> data.putShort(Float.floatToFloat16((float) value));
      case BF16 -> data.putShort((short) (Float.floatToIntBits((float) value) >>> 16));
      case FP32 -> data.putFloat((float) value);
      case FP64 -> data.putDouble(value);
      case BYTES -> throw new IllegalArgumentException("strings are no numbers");
    }
  }

  /** Reads the next element. */
  static double next(ByteBuffer data, DataType type) {
    return switch (type) {
      case BOOL, INT8 -> data.get();
      case UINT8 -> data.get() & 0xff;
      case INT16 -> data.getShort();
      case UINT16 -> data.getShort() & 0xffff;
      case INT32 -> data.getInt();
      case UINT32 -> data.getInt() & 0xffff_ffffL;
      case INT64, UINT64 -> data.getLong();
      case FP16 -> Float.float16ToFloat(data.getShort());
      case BF16 -> Float.intBitsToFloat(data.getShort() << 16);
      case FP32 -> data.getFloat();
      case FP64 -> data.getDouble();
      case BYTES -> throw new IllegalArgumentException("strings are no numbers");
    };
  }

  /** Whether both have the same shape and the same bytes. */
  static boolean same(Tensor one, Tensor other) {
    return java.util.Arrays.equals(one.shape(), other.shape()) && one.data().equals(other.data());
  }

  /**
   * The largest difference between two tensors of the same shape, relative to the largest absolute
   * value of the first: small values beside large ones are noise. Infinite when one has a value
   * where the other has none (NaN, infinity).
   */
  static double difference(Tensor one, Tensor other) {
    // In one piece, since it is the usual case and large tensors take long by the element.
    if (one.data().equals(other.data())) {
      return 0;
    }
    if (one.datatype() == DataType.BYTES) {
      return 1;
    }
    double largest = 0;
    double apart = 0;
    ByteBuffer left = one.data();
    ByteBuffer right = other.data();
    while (left.hasRemaining()) {
      double a = next(left, one.datatype());
      double b = next(right, one.datatype());
      if (Double.compare(a, b) != 0) {
        double distance = Math.abs(a - b);
        apart = Math.max(apart, Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance);
      }
      if (!Double.isNaN(a) && !Double.isInfinite(a)) {
        largest = Math.max(largest, Math.abs(a));
      }
    }
    return apart == 0 ? 0 : apart / Math.max(largest, 1e-6);
  }
}
