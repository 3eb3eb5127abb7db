package dev.millrace.registry.snippet;

import dev.millrace.protocol.tensor.BytesFraming;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.registry.sample.SampleTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The listed elements of a sample as the protocol's raw bytes. */
final class RawBytes {
  private RawBytes() {}

  static byte[] of(SampleTensor input) {
    if (input.datatype() == DataType.BYTES) {
      var framed =
          BytesFraming.encode(
              input.values().stream()
                  .map(it -> it.toString().getBytes(StandardCharsets.UTF_8))
                  .toList());
      var bytes = new byte[framed.remaining()];
      framed.get(bytes);
      return bytes;
    }
    var bytes = ByteBuffer.allocate((int) input.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    for (var value : input.values()) {
      put(bytes, input.datatype(), value);
    }
    return bytes.array();
  }

  private static void put(ByteBuffer bytes, DataType type, Object value) {
    var number = value instanceof Number it ? it : Boolean.TRUE.equals(value) ? 1 : 0;
    switch (type) {
      case BOOL, INT8, UINT8 -> bytes.put(number.byteValue());
      case INT16, UINT16 -> bytes.putShort(number.shortValue());
      case INT32, UINT32 -> bytes.putInt(number.intValue());
      case INT64, UINT64 -> bytes.putLong(number.longValue());
      case FP32 -> bytes.putFloat(number.floatValue());
      case FP64 -> bytes.putDouble(number.doubleValue());
      case FP16, BF16, BYTES -> throw new IllegalStateException(type + " is not listed");
    }
  }
}
