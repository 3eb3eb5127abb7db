package dev.millrace.protocol.oip;

import dev.millrace.protocol.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The plain part of JSON, read from an array: ASCII strings without escapes, numbers without
 * surprises. Whatever else comes raises {@link NotPlain}. Numbers become the very values that
 * {@link Float#parseFloat} and {@link Double#parseDouble} give.
 */
final class PlainJson {
  /** Eighteen digits always fit a long. */
  private static final int MOST_DIGITS = 18;

  /** Powers that a float holds exactly. */
  private static final float[] FLOAT_POWERS = {
    1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f, 1e10f
  };

  /** Powers that a double holds exactly. */
  private static final double[] DOUBLE_POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  /** What a double has more than a float, and the pattern of a double between two floats. */
  private static final long EXTRA_BITS = 0x1FFF_FFFFL;

  private static final long HALF_WAY = 0x1000_0000L;

  private final byte[] in;
  private final int end;
  private int at;

  // The number that was read last: its digits, its power of ten, where its text began.
  private long digits;
  private int power;
  private int start;
  private boolean negative;
  private boolean fits;
  private boolean whole;

  PlainJson(ByteBuffer json) {
    this.in = json.array();
    this.at = json.arrayOffset() + json.position();
    this.end = json.arrayOffset() + json.limit();
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
    number();
    long value = negative ? -digits : digits;
    if (!whole || !fits || value < least || value > most || (negative && digits == 0)) {
      throw notPlain();
    }
    return value;
  }

  /** Exactly {@code count} numbers (or booleans) and the bracket that ends them. */
  void numbers(DataType type, long count, ByteBuffer out) {
    long left = count;
    do {
      if (--left < 0) {
        throw notPlain();
      }
      next();
      switch (type) {
        case FP32 -> out.putFloat(float32());
        case FP64 -> out.putDouble(float64());
        case INT64 -> out.putLong(integer(Long.MIN_VALUE, Long.MAX_VALUE));
        case INT32 -> out.putInt((int) integer(Integer.MIN_VALUE, Integer.MAX_VALUE));
        case INT16 -> out.putShort((short) integer(Short.MIN_VALUE, Short.MAX_VALUE));
        case INT8 -> out.put((byte) integer(Byte.MIN_VALUE, Byte.MAX_VALUE));
        case UINT8 -> out.put((byte) integer(0, 0xFF));
        case UINT16 -> out.putShort((short) integer(0, 0xFFFF));
        case UINT32 -> out.putInt((int) integer(0, 0xFFFF_FFFFL));
        case BOOL -> out.put((byte) (bool() ? 1 : 0));
        case UINT64, FP16, BF16, BYTES -> throw notPlain();
      }
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

  private boolean word(String word) {
    if (left() < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (in[at + i] != word.charAt(i)) {
        return false;
      }
    }
    at += word.length();
    return true;
  }

  /** JSON's grammar of a number, to the letter. */
  private void number() {
    start = at;
    digits = 0;
    power = 0;
    whole = true;
    negative = peek() == '-';
    if (negative) {
      at++;
    }
    int first = at;
    digits();
    int count = at - first;
    if (count == 0 || (count > 1 && in[first] == '0')) {
      throw notPlain();
    }
    if (peek() == '.') {
      whole = false;
      int fraction = ++at;
      digits();
      if (at == fraction) {
        throw notPlain();
      }
      power = fraction - at;
      count += at - fraction;
    }
    fits = count <= MOST_DIGITS;
    int e = peek();
    if (e == 'e' || e == 'E') {
      at++;
      exponent();
    }
    if (at - start > JsonSource.MAX_NUMBER) {
      throw notPlain();
    }
  }

  private void digits() {
    long value = digits;
    for (int d = peek() - '0'; d >= 0 && d <= 9; d = peek() - '0') {
      value = value * 10 + d;
      at++;
    }
    digits = value;
  }

  private void exponent() {
    whole = false;
    int sign = peek();
    if (sign == '+' || sign == '-') {
      at++;
    }
    int from = at;
    int value = 0;
    for (int d = peek() - '0'; d >= 0 && d <= 9; d = peek() - '0') {
      value = Math.min(value * 10 + d, 100_000);
      at++;
    }
    if (at == from) {
      throw notPlain();
    }
    power += sign == '-' ? -value : value;
  }

  private int peek() {
    return at < end ? in[at] : 0;
  }

  private float float32() {
    number();
    if (digits == 0 && fits) {
      return zero();
    }
    float value;
    if (fits && digits <= 1L << 24 && power >= -10 && power <= 10) {
      // Both operands are exact, so the only rounding is that of the result.
      value = power < 0 ? digits / FLOAT_POWERS[-power] : digits * FLOAT_POWERS[power];
    } else if (exactInDouble()) {
      double wide = wide();
      boolean halfWay = (Double.doubleToRawLongBits(wide) & EXTRA_BITS) == HALF_WAY;
      if (halfWay || wide < Float.MIN_NORMAL || wide > Float.MAX_VALUE) {
        // Rounding twice could go another way than rounding once.
        return text32();
      }
      value = (float) wide;
    } else {
      return text32();
    }
    return negative ? -value : value;
  }

  private double float64() {
    number();
    if (digits == 0 && fits) {
      return zero();
    }
    if (exactInDouble()) {
      return negative ? -wide() : wide();
    }
    double value = Double.parseDouble(text());
    if (Double.isInfinite(value)) {
      throw notPlain();
    }
    return value;
  }

  /** A zero with a sign is read by the other reader, whatever it makes of it. */
  private float zero() {
    if (negative) {
      throw notPlain();
    }
    return 0;
  }

  private boolean exactInDouble() {
    return fits && digits <= 1L << 53 && power >= -22 && power <= 22;
  }

  private double wide() {
    return power < 0 ? digits / DOUBLE_POWERS[-power] : digits * DOUBLE_POWERS[power];
  }

  private float text32() {
    float value = Float.parseFloat(text());
    if (Float.isInfinite(value)) {
      throw notPlain();
    }
    return value;
  }

  private String text() {
    return new String(in, start, at - start, StandardCharsets.ISO_8859_1);
  }
}
