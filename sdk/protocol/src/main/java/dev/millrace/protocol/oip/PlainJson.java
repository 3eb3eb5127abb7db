package dev.millrace.protocol.oip;

import dev.millrace.protocol.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The plain part of JSON, read from an array: ASCII strings without escapes, numbers without
 * surprises. Whatever else comes raises {@link NotPlain}.
 */
final class PlainJson extends PlainNumbers {
  PlainJson(ByteBuffer json) {
    super(json);
  }

  /** Raised for everything that is not plain; carries nothing. */
  static final class NotPlain extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final NotPlain INSTANCE = new NotPlain();

    private NotPlain() {
      super("not plain", null, false, false);
    }
  }

  static NotPlain notPlain() {
    return NotPlain.INSTANCE;
  }

  /** Bytes that are left. */
  int left() {
    return end - at;
  }

  /** The next character that is not white; it stays. */
  int next() {
    while (at < end) {
      byte b = in[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return b;
      }
      at++;
    }
    throw notPlain();
  }

  /** Passes {@code bracket}. */
  void open(char bracket) {
    if (next() != bracket) {
      throw notPlain();
    }
    at++;
  }

  /** Passes {@code bracket} if it is next. */
  boolean closed(char bracket) {
    if (next() != bracket) {
      return false;
    }
    at++;
    return true;
  }

  /** Passes a comma, or the bracket that ends the list. */
  boolean more(char bracket) {
    int b = next();
    at++;
    if (b == ',') {
      return true;
    }
    if (b == bracket) {
      return false;
    }
    throw notPlain();
  }

  /** The commas before the next closing bracket, of which there must be fewer than {@code most}. */
  int commas(int most) {
    int commas = 0;
    for (int i = at; i < end && in[i] != ']'; i++) {
      if (in[i] == ',' && ++commas == most) {
        throw notPlain();
      }
    }
    return commas;
  }

  /** Nothing but white space may follow. */
  void end() {
    for (; at < end; at++) {
      byte b = in[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        throw notPlain();
      }
    }
  }

  /** A field's name, and the colon after it. */
  String key() {
    String key = string();
    open(':');
    return key;
  }

  String string() {
    open('"');
    int from = at;
    for (; at < end; at++) {
      byte b = in[at];
      if (b == '"') {
        int length = at++ - from;
        String known = PlainWords.at(in, from, length);
        return known == null ? new String(in, from, length, StandardCharsets.ISO_8859_1) : known;
      }
      if (b < 0x20 || b == '\\') {
        throw notPlain();
      }
    }
    throw notPlain();
  }

  /** A string, a whole number or a boolean. */
  Object parameter() {
    return switch (next()) {
      case '"' -> string();
      case 't', 'f' -> bool();
      default -> integer(Long.MIN_VALUE, Long.MAX_VALUE);
    };
  }

  /** A whole number between the bounds. */
  long integer(long least, long most) {
    next();
    return signed(least, most);
  }

  /** Exactly {@code count} numbers (or booleans) and the bracket that ends them. */
  void numbers(DataType type, long count, ByteBuffer out) {
    if (type == DataType.FP32) {
      floats(count, out);
      return;
    }
    long left = count;
    do {
      if (--left < 0) {
        throw notPlain();
      }
      next();
      switch (type) {
        case FP64 -> out.putDouble(float64());
        case INT64 -> out.putLong(signed(Long.MIN_VALUE, Long.MAX_VALUE));
        case INT32 -> out.putInt((int) signed(Integer.MIN_VALUE, Integer.MAX_VALUE));
        case INT16 -> out.putShort((short) signed(Short.MIN_VALUE, Short.MAX_VALUE));
        case INT8 -> out.put((byte) signed(Byte.MIN_VALUE, Byte.MAX_VALUE));
        case UINT8 -> out.put((byte) signed(0, 0xFF));
        case UINT16 -> out.putShort((short) signed(0, 0xFFFF));
        case UINT32 -> out.putInt((int) signed(0, 0xFFFF_FFFFL));
        case UINT64 -> out.putLong(unsigned64());
        case BOOL -> out.put((byte) (bool() ? 1 : 0));
        case FP32, FP16, BF16, BYTES -> throw notPlain();
      }
    } while (more(']'));
    if (left != 0) {
      throw notPlain();
    }
  }

  /** The same for the datatype of nearly all large tensors. */
  private void floats(long count, ByteBuffer out) {
    long left = count;
    do {
      if (--left < 0) {
        throw notPlain();
      }
      next();
      out.putFloat(float32());
    } while (more(']'));
    if (left != 0) {
      throw notPlain();
    }
  }

  private boolean bool() {
    if (word("true")) {
      return true;
    }
    if (word("false")) {
      return false;
    }
    throw notPlain();
  }
}
