package dev.millrace.protocol.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.DataType;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the JSON form of one tensor, flat or nested, straight into little-endian bytes. Nothing is
 * boxed but UINT64 values above 2^63-1.
 *
 * <p>Memory is bounded by the JSON that really came, never by what a shape claims: an element takes
 * at least two characters, so a shape that asks for more elements than that is only counted.
 */
final class JsonTensorParser {
  private final JsonParser in;
  private final TensorHead head;
  private final DataType type;

  /** Elements seen at each open level of nesting, outermost first. */
  private final long[] counts;

  private ByteBuffer out;
  private final boolean store;
  private long seen;
  private int depth;
  private boolean nested;

  private JsonTensorParser(JsonParser in, TensorHead head, int jsonBytes) {
    this.in = in;
    this.head = head;
    this.type = head.datatype();
    this.counts = new long[Math.max(1, head.shape().length)];
    long possible = jsonBytes / 2L + 1;
    long size = type.fixedSize() ? type.byteSize() : 16;
    this.store = head.elements() <= possible && head.elements() * size <= Integer.MAX_VALUE;
    int room = store ? (int) (head.elements() * size) : 0;
    this.out = ByteBuffer.allocate(room).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads from the array that {@code in} has just entered to its end.
   *
   * @param jsonBytes how many bytes of JSON there are at most
   * @return a heap buffer of the tensor's bytes
   */
  static ByteBuffer parse(JsonParser in, TensorHead head, int jsonBytes) throws IOException {
    if (!head.datatype().hasJsonForm()) {
      throw Reject.because(
          "%s: %s has no JSON form; send it as binary tensor data (binary_data_size)",
          head.label(), head.datatype());
    }
    return new JsonTensorParser(in, head, jsonBytes).run();
  }

  private ByteBuffer run() throws IOException {
    depth = 1;
    while (depth > 0) {
      JsonToken token = in.nextToken();
      if (token == JsonToken.START_ARRAY) {
        open();
      } else if (token == JsonToken.END_ARRAY) {
        close();
      } else if (token == null) {
        throw Reject.because("%s: the body ends inside its data", head.label());
      } else {
        element(token);
      }
    }
    if (seen != head.elements() || !store) {
      throw head.countMismatch(seen);
    }
    return out.flip();
  }

  private void open() {
    if (!nested && seen > 0) {
      throw Reject.because(
          "%s, element %d: an array after %d plain elements; data is either flat or nested",
          head.label(), seen, seen);
    }
    nested = true;
    if (depth >= head.shape().length) {
      throw Reject.because(
          "%s: data is nested deeper than shape %s", head.label(), Reject.shape(head.shape()));
    }
    counts[depth - 1]++;
    depth++;
  }

  private void close() {
    int level = depth - 1;
    if (nested) {
      if (counts[level] != head.shape()[level]) {
        throw Reject.because(
            "%s: data has %d elements along dimension %d, but shape %s says %d",
            head.label(), counts[level], level, Reject.shape(head.shape()), head.shape()[level]);
      }
      counts[level] = 0;
    }
    depth--;
  }

  private void element(JsonToken token) throws IOException {
    if (nested) {
      if (depth != head.shape().length) {
        throw Reject.because(
            "%s, element %d: found at nesting depth %d, but shape %s needs depth %d",
            head.label(), seen, depth, Reject.shape(head.shape()), head.shape().length);
      }
      counts[depth - 1]++;
    }
    if (store && seen < head.elements()) {
      write(token);
    }
    seen++;
  }

  private void write(JsonToken token) throws IOException {
    switch (type) {
      case FP32 -> out.putFloat(float32(token));
      case FP64 -> out.putDouble(float64(token));
      case INT64 -> out.putLong(integer(token, Long.MIN_VALUE, Long.MAX_VALUE));
      case INT32 -> out.putInt((int) integer(token, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case INT16 -> out.putShort((short) integer(token, Short.MIN_VALUE, Short.MAX_VALUE));
      case INT8 -> out.put((byte) integer(token, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case UINT8 -> out.put((byte) integer(token, 0, 0xFF));
      case UINT16 -> out.putShort((short) integer(token, 0, 0xFFFF));
      case UINT32 -> out.putInt((int) integer(token, 0, 0xFFFF_FFFFL));
      case UINT64 -> out.putLong(unsigned64(token));
      case BOOL -> out.put((byte) (bool(token) ? 1 : 0));
      case BYTES -> string(token);
      case FP16, BF16 -> throw new AssertionError(type);
    }
  }

  private float float32(JsonToken token) throws IOException {
    number(token);
    float value = in.getFloatValue();
    if (Float.isInfinite(value) && !in.isNaN()) {
      throw outOfRange();
    }
    return value == 0 && in.getText().charAt(0) == '-' ? -0f : value;
  }

  private double float64(JsonToken token) throws IOException {
    number(token);
    double value = in.getDoubleValue();
    if (Double.isInfinite(value) && !in.isNaN()) {
      throw outOfRange();
    }
    // A parser may see the integer zero in "-0".
    return value == 0 && in.getText().charAt(0) == '-' ? -0d : value;
  }

  private void number(JsonToken token) throws IOException {
    if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
      throw wrongKind("a number");
    }
  }

  private long integer(JsonToken token, long min, long max) throws IOException {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw wrongKind("an integer");
    }
    if (in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw outOfRange();
    }
    long value = in.getLongValue();
    if (value < min || value > max) {
      throw outOfRange();
    }
    return value;
  }

  private long unsigned64(JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NUMBER_INT
        && in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      BigInteger value = in.getBigIntegerValue();
      if (value.signum() < 0 || value.bitLength() > Long.SIZE) {
        throw outOfRange();
      }
      return value.longValue();
    }
    return integer(token, 0, Long.MAX_VALUE);
  }

  private boolean bool(JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> integer(token, 0, 1) == 1;
      default -> throw wrongKind("true or false");
    };
  }

  private void string(JsonToken token) throws IOException {
    if (token != JsonToken.VALUE_STRING) {
      throw wrongKind("a string");
    }
    byte[] utf8 = in.getText().getBytes(StandardCharsets.UTF_8);
    long needed = out.position() + (long) Integer.BYTES + utf8.length;
    if (needed > out.capacity()) {
      long grown = Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, out.capacity() * 2L));
      if (needed > grown) {
        throw Reject.because("%s: its strings take more than 2 GiB", head.label());
      }
      out = ByteBuffer.allocate((int) grown).order(ByteOrder.LITTLE_ENDIAN).put(out.flip());
    }
    out.putInt(utf8.length).put(utf8);
  }

  private MillraceException outOfRange() throws IOException {
    return Reject.because(
        "%s, element %d: %s is out of range for %s",
        head.label(), seen, Reject.quote(in.getText()), type);
  }

  private MillraceException wrongKind(String expected) throws IOException {
    return Reject.because(
        "%s, element %d: %s is not %s, which %s needs",
        head.label(), seen, Reject.quote(in.getText()), expected, type);
  }
}
