package dev.millrace.protocol.oip;

import dev.millrace.protocol.tensor.BytesFraming;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Writes a tensor's data as one flat JSON array, row-major. */
final class JsonTensorWriter {
  /** A guess of characters per element: most floats take 8 to 11. */
  private static final long GUESS = 12;

  private JsonTensorWriter() {}

  static void write(JsonOutput out, Tensor tensor, String role) {
    if (!tensor.datatype().hasJsonForm()) {
      throw Reject.because(
          "%s '%s': %s has no JSON form; ask for it with binary_data (or send it as binary tensor"
              + " data)",
          role, tensor.name(), tensor.datatype());
    }
    ByteBuffer in = tensor.data();
    if (tensor.datatype().fixedSize()) {
      out.reserve(in.remaining() / (long) tensor.datatype().byteSize() * GUESS);
    }
    out.raw('[');
    boolean first = true;
    for (int index = 0; in.hasRemaining(); index++) {
      if (!first) {
        out.raw(',');
      }
      first = false;
      element(out, in, tensor, index);
    }
    out.raw(']');
  }

  private static void element(JsonOutput out, ByteBuffer in, Tensor tensor, int index) {
    switch (tensor.datatype()) {
      case FP32 -> out.number(in.getFloat());
      case FP64 -> out.number(in.getDouble());
      case INT64 -> out.number(in.getLong());
      case INT32 -> out.number((long) in.getInt());
      case INT16 -> out.number((long) in.getShort());
      case INT8 -> out.number((long) in.get());
      case UINT8 -> out.number((long) (in.get() & 0xFF));
      case UINT16 -> out.number((long) (in.getShort() & 0xFFFF));
      case UINT32 -> out.number(in.getInt() & 0xFFFF_FFFFL);
      case UINT64 -> out.unsigned(in.getLong());
      case BOOL -> out.ascii(in.get() != 0 ? "true" : "false");
      case BYTES -> out.string(utf8(BytesFraming.next(in), tensor.name(), index));
      case FP16, BF16 -> throw new AssertionError(tensor);
    }
  }

  private static ByteBuffer utf8(ByteBuffer element, String name, int index) {
    for (int i = element.position(); i < element.limit(); i++) {
      if (element.get(i) < 0) {
        try {
          StandardCharsets.UTF_8.newDecoder().decode(element.duplicate());
          return element;
        } catch (CharacterCodingException blob) {
          throw Reject.because(
              "tensor '%s', element %d is not UTF-8 text; use binary_data", name, index);
        }
      }
    }
    return element;
  }
}
