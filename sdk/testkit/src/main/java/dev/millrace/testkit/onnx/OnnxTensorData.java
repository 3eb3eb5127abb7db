package dev.millrace.testkit.onnx;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A constant of a graph: the {@code TensorProto} of a tensor. */
public final class OnnxTensorData {
  private static final int IN_ANOTHER_FILE = 1;

  private final Tensor tensor;
  private final @Nullable String location;

  private OnnxTensorData(Tensor tensor, @Nullable String location) {
    this.tensor = tensor;
    this.location = location;
  }

  /** The constant that holds {@code tensor}, under its name; every datatype but BYTES. */
  public static OnnxTensorData of(Tensor tensor) {
    return new OnnxTensorData(tensor, null);
  }

  /** An FP32 constant. */
  public static OnnxTensorData floats(String name, float[] values, long... shape) {
    return of(Tensors.float32(name, values, shape));
  }

  /** An INT64 constant. */
  public static OnnxTensorData longs(String name, long[] values, long... shape) {
    return of(Tensors.int64(name, values, shape));
  }

  /** An FP32 constant whose shape need not fit its values. */
  public static OnnxTensorData claiming(String name, float[] values, long... shape) {
    ByteBuffer data = Tensors.float32(name, values, values.length).data();
    return of(new Tensor(name, DataType.FP32, shape, data));
  }

  /** An FP32 constant whose values lie in another file, from its beginning on. */
  public static OnnxTensorData external(String name, String location, long... shape) {
    return new OnnxTensorData(
        new Tensor(name, DataType.FP32, shape, ByteBuffer.allocate(0)), location);
  }

  ProtoBytes proto() {
    var proto = new ProtoBytes();
    for (long dimension : tensor.shape()) {
      proto.varint(1, dimension);
    }
    proto.varint(2, elementType(tensor.datatype())).string(8, tensor.name());
    if (location != null) {
      return proto
          .message(13, new ProtoBytes().string(1, "location").string(2, location))
          .varint(14, IN_ANOTHER_FILE);
    }
    ByteBuffer data = tensor.data();
    var raw = new byte[data.remaining()];
    data.get(raw);
    return proto.bytes(9, raw);
  }

  /** The number of a datatype in {@code TensorProto.DataType}. */
  static int elementType(DataType type) {
    return switch (type) {
      case FP32 -> 1;
      case UINT8 -> 2;
      case INT8 -> 3;
      case UINT16 -> 4;
      case INT16 -> 5;
      case INT32 -> 6;
      case INT64 -> 7;
      case BYTES -> 8;
      case BOOL -> 9;
      case FP16 -> 10;
      case FP64 -> 11;
      case UINT32 -> 12;
      case UINT64 -> 13;
      case BF16 -> 16;
    };
  }
}
