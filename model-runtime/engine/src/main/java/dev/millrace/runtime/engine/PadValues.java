package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What stands behind the end of a short request in a padded batch. Pure. */
final class PadValues {
  /** Elements per pattern: one bulk copy for most paddings. */
  private static final int PATTERN = 256;

  /**
   * Names of integer inputs for which 0 is known to be right: token 0 (hidden by the mask), mask 0
   * (hidden), token type 0 (there is no other in most vocabularies).
   */
  private static final List<String> KNOWN = List.of("mask", "ids", "token", "segment");

  private PadValues() {}

  /** The value that needs no telling; empty for floats and for names without a known meaning. */
  static Optional<Long> inferred(TensorSignature input) {
    boolean integer = input.datatype() == DataType.INT64 || input.datatype() == DataType.INT32;
    String name = input.name().toLowerCase(Locale.ROOT);
    return integer && KNOWN.stream().anyMatch(name::contains) ? Optional.of(0L) : Optional.empty();
  }

  /** Whether the input tells the model which positions count. */
  static boolean isMask(TensorSignature input) {
    return input.name().toLowerCase(Locale.ROOT).contains("mask");
  }

  /**
   * The value again and again, as bytes.
   *
   * @return empty when the datatype cannot hold it or is no number
   */
  static Optional<byte[]> pattern(DataType type, long value) {
    if (!OrtTypes.canWrap(type) || !holds(type, value)) {
      return Optional.empty();
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(PATTERN * type.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      put(bytes, type, value);
    }
    return Optional.of(bytes.array());
  }

  private static boolean holds(DataType type, long value) {
    return switch (type) {
      case BOOL -> value == 0 || value == 1;
      case INT8 -> value == (byte) value;
      case UINT8 -> value >= 0 && value <= 255;
      case INT16 -> value == (short) value;
      case INT32 -> value == (int) value;
      default -> true;
    };
  }

  private static void put(ByteBuffer bytes, DataType type, long value) {
    switch (type) {
      case BOOL, INT8, UINT8 -> bytes.put((byte) value);
      case INT16 -> bytes.putShort((short) value);
      case INT32 -> bytes.putInt((int) value);
      case INT64 -> bytes.putLong(value);
      case FP16 -> bytes.putShort(Float.floatToFloat16(value));
      case BF16 -> bytes.putShort((short) (Float.floatToIntBits(value) >>> 16));
      case FP32 -> bytes.putFloat(value);
      case FP64 -> bytes.putDouble(value);
      default -> throw new IllegalStateException(type + " has no pad value");
    }
  }
}
