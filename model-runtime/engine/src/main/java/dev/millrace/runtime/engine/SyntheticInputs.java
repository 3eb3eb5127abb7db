package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Inputs made from a signature alone, for admission and warm-up: zeros (a token id that every
 * vocabulary has), ones for masks (nothing hidden), empty strings. Pure.
 */
public final class SyntheticInputs {
  /** More than this is no probe any more but a load test. */
  private static final long MAX_BYTES = 256L << 20;

  private SyntheticInputs() {}

  /**
   * One tensor per input, in the signature's order.
   *
   * @param batch size of the batch axis, at least 1
   * @param freeSize size of every other free dimension, at least 1
   * @return empty when the inputs would take more than 256 MiB together, or have a datatype that
   *     Java cannot make
   */
  public static Optional<List<Tensor>> of(Signature signature, int batch, int freeSize) {
    var tensors = new ArrayList<Tensor>(signature.inputs().size());
    long left = MAX_BYTES;
    for (TensorSignature input : signature.inputs()) {
      long[] shape = shape(input, batch, freeSize);
      boolean strings = input.datatype() == DataType.BYTES;
      long bytes = strings ? Integer.BYTES : input.datatype().byteSize();
      for (long dimension : shape) {
        bytes = dimension > 0 && bytes > MAX_BYTES / dimension ? MAX_BYTES + 1 : bytes * dimension;
      }
      left -= bytes;
      if (left < 0 || !(strings || OrtTypes.canWrap(input.datatype()))) {
        return Optional.empty();
      }
      ByteBuffer data = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
      if (input.name().toLowerCase(Locale.ROOT).contains("mask")) {
        fillWithOnes(data, input.datatype());
      }
      tensors.add(new Tensor(input.name(), input.datatype(), shape, data));
    }
    return Optional.of(List.copyOf(tensors));
  }

  private static long[] shape(TensorSignature input, int batch, int freeSize) {
    var shape = new long[input.shape().size()];
    for (int axis = 0; axis < shape.length; axis++) {
      Dimension dimension = input.shape().get(axis);
      if (input.batchAxis() != null && input.batchAxis() == axis) {
        shape[axis] = batch;
      } else {
        shape[axis] = dimension.isFree() ? freeSize : dimension.size();
      }
    }
    return shape;
  }

  private static void fillWithOnes(ByteBuffer data, DataType type) {
    while (data.hasRemaining()) {
      switch (type) {
        case BOOL, INT8, UINT8 -> data.put((byte) 1);
        case INT32 -> data.putInt(1);
        case INT64 -> data.putLong(1);
        case FP32 -> data.putFloat(1);
        case FP64 -> data.putDouble(1);
        default -> data.put((byte) 0);
      }
    }
    data.flip();
  }
}
