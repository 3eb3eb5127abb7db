package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A raw request ({@code Inference-Header-Content-Length: 0}): the body is the model's only input
 * and the signature says what it is. A batch is one row; one other dimension may be free and
 * follows from the length. Text is one element, the body as it is. All outputs come as bytes.
 */
final class RawRequest {
  /** Where sizes stop being multiplied. */
  private static final long MORE_THAN_A_BODY = 1L << 32;

  private RawRequest() {}

  /** The request; its tensor is a view of {@code body} unless it is text. */
  static InferRequest of(ByteBuffer body, Signature signature) {
    if (signature.inputs().size() != 1) {
      throw refused("the model has %d inputs (expected: exactly one)", signature.inputs().size());
    }
    TensorSignature input = signature.inputs().getFirst();
    boolean text = input.datatype() == DataType.BYTES;
    long[] shape = text ? single(input) : shape(input, body.remaining());
    ByteBuffer data = text ? element(body) : body.slice();
    var tensor =
        new Tensor(input.name(), input.datatype(), shape, data.order(ByteOrder.LITTLE_ENDIAN));
    return new InferRequest(
        "", "", "", Map.of("binary_data_output", true), List.of(tensor), List.of());
  }

  private static long[] single(TensorSignature input) {
    long[] shape = new long[input.shape().size()];
    for (int i = 0; i < shape.length; i++) {
      Dimension dimension = input.shape().get(i);
      shape[i] = dimension.isFree() ? 1 : dimension.size();
      if (shape[i] != 1) {
        throw refused("input '%s' has more than one element, which text must not", input.name());
      }
    }
    return shape;
  }

  private static ByteBuffer element(ByteBuffer body) {
    return ByteBuffer.allocate(Integer.BYTES + body.remaining())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(body.remaining())
        .put(body.duplicate())
        .flip();
  }

  private static long[] shape(TensorSignature input, int bytes) {
    long[] shape = new long[input.shape().size()];
    int free = -1;
    long row = input.datatype().byteSize();
    for (int i = 0; i < shape.length; i++) {
      Dimension dimension = input.shape().get(i);
      if (!dimension.isFree()) {
        shape[i] = dimension.size();
      } else if (Objects.equals(input.batchAxis(), i)) {
        shape[i] = 1;
      } else if (free < 0) {
        free = i;
        shape[i] = 1;
      } else {
        throw refused("input '%s' has more than one free dimension beside the batch", input.name());
      }
      row = shape[i] > 0 && row > MORE_THAN_A_BODY / shape[i] ? MORE_THAN_A_BODY : row * shape[i];
    }
    if (free >= 0 && row > 0) {
      shape[free] = bytes / row;
      row *= shape[free];
    }
    if (row != bytes) {
      throw refused(
          "input '%s': the body has %d bytes, which is no multiple of a row's",
          input.name(), bytes);
    }
    return shape;
  }

  private static MillraceException refused(String why, Object... arguments) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "a raw request (Inference-Header-Content-Length: 0): %s",
        String.format(Locale.ROOT, why, arguments));
  }
}
