package dev.millrace.protocol.oip;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.InferTensorContents;
import dev.millrace.protocol.tensor.BytesFraming;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/** Typed contents of gRPC tensors to little-endian bytes and back, without boxing. */
final class GrpcTypedContents {
  private GrpcTypedContents() {}

  /** The tensor of typed contents, copied into a heap buffer once count and list are checked. */
  static Tensor read(
      TensorHead head, InferTensorContents contents, Map<String, Object> parameters) {
    if (!head.datatype().hasJsonForm()) {
      throw Reject.because(
          "%s: %s has no typed contents; send it in raw_input_contents",
          head.label(), head.datatype());
    }
    int count = count(head.datatype(), contents);
    int others = all(contents) - count;
    if (others != 0) {
      throw Reject.because(
          "%s: contents hold %d elements in a list that is not %s's",
          head.label(), others, head.datatype());
    }
    if (count != head.elements()) {
      throw head.countMismatch(count);
    }
    if (head.datatype() == DataType.BYTES) {
      var elements = new java.util.ArrayList<byte[]>(count);
      for (ByteString element : contents.getBytesContentsList()) {
        elements.add(element.toByteArray());
      }
      return new Tensor(
          head.name(), DataType.BYTES, head.shape(), BytesFraming.encode(elements), parameters);
    }
    long size = count * (long) head.datatype().byteSize();
    if (size > Integer.MAX_VALUE) {
      throw Reject.because("%s: %d bytes do not fit one tensor", head.label(), size);
    }
    ByteBuffer out = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      put(out, head, contents, i);
    }
    return new Tensor(head.name(), head.datatype(), head.shape(), out.flip(), parameters);
  }

  private static int count(DataType type, InferTensorContents contents) {
    return switch (type) {
      case BOOL -> contents.getBoolContentsCount();
      case INT8, INT16, INT32 -> contents.getIntContentsCount();
      case INT64 -> contents.getInt64ContentsCount();
      case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
      case UINT64 -> contents.getUint64ContentsCount();
      case FP32 -> contents.getFp32ContentsCount();
      case FP64 -> contents.getFp64ContentsCount();
      case BYTES -> contents.getBytesContentsCount();
      case FP16, BF16 -> 0;
    };
  }

  private static int all(InferTensorContents contents) {
    return contents.getBoolContentsCount()
        + contents.getIntContentsCount()
        + contents.getInt64ContentsCount()
        + contents.getUintContentsCount()
        + contents.getUint64ContentsCount()
        + contents.getFp32ContentsCount()
        + contents.getFp64ContentsCount()
        + contents.getBytesContentsCount();
  }

  private static void put(ByteBuffer out, TensorHead head, InferTensorContents in, int i) {
    switch (head.datatype()) {
      case BOOL -> out.put((byte) (in.getBoolContents(i) ? 1 : 0));
      case INT8 -> out.put((byte) ranged(head, in.getIntContents(i), Byte.MIN_VALUE, 0x7F, i));
      case INT16 ->
          out.putShort((short) ranged(head, in.getIntContents(i), Short.MIN_VALUE, 0x7FFF, i));
      case INT32 -> out.putInt(in.getIntContents(i));
      case INT64 -> out.putLong(in.getInt64Contents(i));
      case UINT8 -> out.put((byte) ranged(head, unsigned(in, i), 0, 0xFF, i));
      case UINT16 -> out.putShort((short) ranged(head, unsigned(in, i), 0, 0xFFFF, i));
      case UINT32 -> out.putInt(in.getUintContents(i));
      case UINT64 -> out.putLong(in.getUint64Contents(i));
      case FP32 -> out.putFloat(in.getFp32Contents(i));
      case FP64 -> out.putDouble(in.getFp64Contents(i));
      case BYTES, FP16, BF16 -> throw new AssertionError(head);
    }
  }

  private static long unsigned(InferTensorContents in, int i) {
    return Integer.toUnsignedLong(in.getUintContents(i));
  }

  private static long ranged(TensorHead head, long value, long min, long max, int index) {
    if (value < min || value > max) {
      throw Reject.because(
          "%s, element %d: %d is out of range for %s", head.label(), index, value, head.datatype());
    }
    return value;
  }

  /**
   * The typed contents of a tensor.
   *
   * @throws MillraceException INVALID_ARGUMENT for FP16 and BF16
   */
  static InferTensorContents write(Tensor tensor) {
    var out = InferTensorContents.newBuilder();
    ByteBuffer in = tensor.data();
    while (in.hasRemaining()) {
      switch (tensor.datatype()) {
        case BOOL -> out.addBoolContents(in.get() != 0);
        case INT8 -> out.addIntContents(in.get());
        case INT16 -> out.addIntContents(in.getShort());
        case INT32 -> out.addIntContents(in.getInt());
        case INT64 -> out.addInt64Contents(in.getLong());
        case UINT8 -> out.addUintContents(in.get() & 0xFF);
        case UINT16 -> out.addUintContents(in.getShort() & 0xFFFF);
        case UINT32 -> out.addUintContents(in.getInt());
        case UINT64 -> out.addUint64Contents(in.getLong());
        case FP32 -> out.addFp32Contents(in.getFloat());
        case FP64 -> out.addFp64Contents(in.getDouble());
        case BYTES -> out.addBytesContents(UnsafeByteOperations.unsafeWrap(BytesFraming.next(in)));
        case FP16, BF16 ->
            throw Reject.because(
                "tensor '%s': %s has no typed contents; send it raw",
                tensor.name(), tensor.datatype());
      }
    }
    return out.build();
  }
}
