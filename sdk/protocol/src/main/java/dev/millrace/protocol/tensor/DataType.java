package dev.millrace.protocol.tensor;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The datatypes of the Open Inference Protocol, with the size of one element in bytes. */
public enum DataType {
  /** One byte, 0 or 1. */
  BOOL(1, 1),
  UINT8(1, 2),
  UINT16(2, 3),
  UINT32(4, 4),
  UINT64(8, 5),
  INT8(1, 6),
  INT16(2, 7),
  INT32(4, 8),
  INT64(8, 9),
  /** IEEE 754 half precision; has no JSON form. */
  FP16(2, 10),
  FP32(4, 11),
  FP64(8, 12),
  /** Strings or blobs: per element a 4-byte unsigned little-endian length, then the bytes. */
  BYTES(-1, 13),
  /** bfloat16; has no JSON form. */
  BF16(2, 14);

  private static final Map<String, DataType> BY_NAME = new HashMap<>();

  static {
    for (DataType type : values()) {
      BY_NAME.put(type.name(), type);
    }
  }

  private final int byteSize;
  private final int configNumber;

  DataType(int byteSize, int configNumber) {
    this.byteSize = byteSize;
    this.configNumber = configNumber;
  }

  /** Bytes of one element; -1 for {@link #BYTES}, whose elements vary. */
  public int byteSize() {
    return byteSize;
  }

  /** Whether every element takes the same number of bytes: all but {@link #BYTES}. */
  public boolean fixedSize() {
    return byteSize > 0;
  }

  /** Whether the datatype can be written as JSON numbers, booleans or strings. */
  public boolean hasJsonForm() {
    return this != FP16 && this != BF16;
  }

  /** The number of this datatype in the {@code DataType} enum of {@code ModelConfig}. */
  public int configNumber() {
    return configNumber;
  }

  /** The datatype of that name; names are case-sensitive. */
  public static Optional<DataType> byName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
