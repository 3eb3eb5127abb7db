package dev.millrace.protocol.oip;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** One tensor of every datatype, with the values at the edges of its range. */
final class SampleTensors {
  private SampleTensors() {}

  static Tensor of(DataType type) {
    return switch (type) {
      case BOOL -> Tensors.bool("x", new boolean[] {true, false, true, true}, 2, 2);
      case INT8 -> Tensors.int8("x", new byte[] {-128, -1, 0, 127}, 2, 2);
      case UINT8 -> Tensors.uint8("x", new byte[] {0, 1, (byte) 200, (byte) 255}, 2, 2);
      case INT16 -> Tensors.int16("x", new short[] {-32768, -1, 0, 32767}, 2, 2);
      case INT32 -> Tensors.int32("x", new int[] {Integer.MIN_VALUE, -1, 0, 2147483647}, 2, 2);
      case INT64 -> Tensors.int64("x", new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}, 2, 2);
      case UINT16 -> raw(type, room(8).putShort((short) 0).putShort((short) 1).putInt(-1));
      case UINT32 -> raw(type, room(16).putLong(1).putLong(-1));
      case UINT64 -> raw(type, room(32).putLong(0).putLong(1).putLong(1L << 63).putLong(-1));
      case FP16, BF16 -> raw(type, room(8).putLong(0x7E00_7C00_8000_3C01L));
      case FP32 ->
          Tensors.float32("x", new float[] {0.1f, -0.0f, Float.NaN, Float.NEGATIVE_INFINITY}, 2, 2);
      case FP64 ->
          Tensors.float64(
              "x", new double[] {0.1, 1e300, Double.POSITIVE_INFINITY, Double.MIN_VALUE}, 2, 2);
      case BYTES -> Tensors.strings("x", List.of("", "grüße\n\"", "\u0001\\", "🙂"), 2, 2);
    };
  }

  private static ByteBuffer room(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Tensor raw(DataType type, ByteBuffer data) {
    return new Tensor("x", type, new long[] {2, 2}, data.flip());
  }
}
