package dev.millrace.runtime.server.classification;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;

/**
 * The elements of a tensor as values that can be ordered and written, read where they lie. Every
 * datatype but BYTES.
 */
final class Scores {
  private final DataType type;
  private final ByteBuffer data;

  Scores(Tensor tensor) {
    this.type = tensor.datatype();
    this.data = tensor.data();
  }

  /** A number that orders elements as their values do; that of a NaN is the least. */
  long key(int element) {
    return switch (type) {
      case FP16, BF16, FP32, FP64 -> key(decimal(element));
      case UINT64 -> integer(element) ^ Long.MIN_VALUE;
      default -> integer(element);
    };
  }

  private static long key(double value) {
    if (Double.isNaN(value)) {
      return Long.MIN_VALUE;
    }
    // Adding 0 makes −0 equal to 0; below 0 the bits fall while the values rise.
    long bits = Double.doubleToRawLongBits(value + 0.0);
    return bits < 0 ? bits ^ Long.MAX_VALUE : bits;
  }

  /** The value in the fewest digits that read back as the same value. */
  String text(int element) {
    return switch (type) {
      case FP16, BF16, FP32 -> Float.toString((float) decimal(element));
      case FP64 -> Double.toString(decimal(element));
      case UINT64 -> Long.toUnsignedString(integer(element));
      default -> Long.toString(integer(element));
    };
  }

  private double decimal(int element) {
    return switch (type) {
      case FP16 -> Float.float16ToFloat(data.getShort(at(element)));
      case BF16 -> Float.intBitsToFloat(data.getShort(at(element)) << 16);
      case FP32 -> data.getFloat(at(element));
      default -> data.getDouble(at(element));
    };
  }

  private long integer(int element) {
    return switch (type) {
      case INT8 -> data.get(at(element));
      case BOOL, UINT8 -> data.get(at(element)) & 0xff;
      case INT16 -> data.getShort(at(element));
      case UINT16 -> data.getShort(at(element)) & 0xffff;
      case INT32 -> data.getInt(at(element));
      case UINT32 -> data.getInt(at(element)) & 0xffff_ffffL;
      default -> data.getLong(at(element));
    };
  }

  private int at(int element) {
    return data.position() + element * type.byteSize();
  }
}
