package dev.millrace.protocol.oip;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A place in a JSON text, and the numbers that are read there: to the very values that {@link
 * Float#parseFloat} and {@link Double#parseDouble} give, without making a string of them. What is
 * no number by JSON's grammar, or none of the datatype, raises {@link PlainJson.NotPlain}.
 */
class PlainNumbers {
  /** So many digits always fit 64 bits. */
  private static final int MOST_DIGITS = 19;

  /** The digits of 2^64-1 but for the last, which is a five. */
  private static final long UNSIGNED_LIMIT = 1_844_674_407_370_955_161L;

  /** Powers that a float holds exactly. */
  private static final float[] FLOAT_POWERS = {
    1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f, 1e10f
  };

  /** Powers that a double holds exactly. */
  private static final double[] DOUBLE_POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  final byte[] in;
  final int end;
  int at;

  // The number that was read last: its text's beginning, its digits, the power of ten they take.
  private int start;
  private long digits;
  private int count;
  private int power;
  private boolean negative;
  private boolean whole;

  /** Whether digits were left out of {@link #digits}; the power then stands for them. */
  private boolean cut;

  PlainNumbers(ByteBuffer json) {
    this.in = json.array();
    this.at = json.arrayOffset() + json.position();
    this.end = json.arrayOffset() + json.limit();
  }

  final int peek() {
    return at < end ? in[at] : 0;
  }

  /** Passes {@code word} if it is next. */
  final boolean word(String word) {
    if (end - at < word.length()) {
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

  /** A whole number between the bounds. */
  final long signed(long least, long most) {
    number();
    // 2^63, which only a minus makes fit, is the one negative value of the digits that is right.
    boolean fits = digits >= 0 || (negative && digits == Long.MIN_VALUE);
    long value = negative ? -digits : digits;
    if (!whole || cut || !fits || value < least || value > most) {
      throw PlainJson.notPlain();
    }
    return value;
  }

  /** A whole number of up to 64 bits. */
  final long unsigned64() {
    number();
    if (!whole || (negative && digits != 0)) {
      throw PlainJson.notPlain();
    }
    if (!cut) {
      return digits;
    }
    int last = in[at - 1] - '0';
    if (count > MOST_DIGITS + 1
        || digits > UNSIGNED_LIMIT
        || digits < 0
        || (digits == UNSIGNED_LIMIT && last > 5)) {
      throw PlainJson.notPlain();
    }
    return digits * 10 + last;
  }

  /** The nearest float; one that is too large is none. */
  final float float32() {
    if (peek() > '9' || !numberOrMinusInfinity()) {
      return (float) notFinite();
    }
    float value;
    if (digits >= 0 && digits <= 1L << 24 && power >= -10 && power <= 10) {
      // Both operands are exact, so the only rounding is that of the result.
      value = power < 0 ? digits / FLOAT_POWERS[-power] : digits * FLOAT_POWERS[power];
    } else {
      value = NearestFloat.toFloat(digits, power);
      if (cut && value != NearestFloat.toFloat(digits + 1, power)) {
        value = Math.abs(Float.parseFloat(text()));
      }
    }
    if (Float.isInfinite(value)) {
      throw PlainJson.notPlain();
    }
    return negative ? -value : value;
  }

  /** The nearest double; one that is too large is none. */
  final double float64() {
    if (peek() > '9' || !numberOrMinusInfinity()) {
      return notFinite();
    }
    double value;
    if (digits >= 0 && digits <= 1L << 53 && power >= -22 && power <= 22) {
      value = power < 0 ? digits / DOUBLE_POWERS[-power] : digits * DOUBLE_POWERS[power];
    } else {
      value = NearestFloat.toDouble(digits, power);
      if (cut && value != NearestFloat.toDouble(digits + 1, power)) {
        value = Math.abs(Double.parseDouble(text()));
      }
    }
    if (Double.isInfinite(value)) {
      throw PlainJson.notPlain();
    }
    return negative ? -value : value;
  }

  /** A number, read; false before {@code -Infinity}, where nothing was read. */
  private boolean numberOrMinusInfinity() {
    if (peek() == '-' && at + 1 < end && in[at + 1] == 'I') {
      return false;
    }
    number();
    return true;
  }

  private double notFinite() {
    if (word("NaN")) {
      return Double.NaN;
    }
    if (word("Infinity")) {
      return Double.POSITIVE_INFINITY;
    }
    if (word("-Infinity")) {
      return Double.NEGATIVE_INFINITY;
    }
    throw PlainJson.notPlain();
  }

  /** JSON's grammar of a number, to the letter. */
  private void number() {
    start = at;
    digits = 0;
    power = 0;
    whole = true;
    cut = false;
    negative = peek() == '-';
    if (negative) {
      at++;
    }
    int first = at;
    digits();
    int point = at;
    count = at - first;
    if (count == 0 || (count > 1 && in[first] == '0')) {
      throw PlainJson.notPlain();
    }
    if (peek() == '.') {
      whole = false;
      at++;
      digits();
      power = point + 1 - at;
      if (power == 0) {
        throw PlainJson.notPlain();
      }
      count -= power;
    }
    if (count > MOST_DIGITS) {
      cut(first, point);
    }
    int e = peek();
    if (e == 'e' || e == 'E') {
      at++;
      exponent();
    }
    if (at - start > JsonSource.MAX_NUMBER) {
      throw PlainJson.notPlain();
    }
  }

  private void digits() {
    long value = digits;
    int place = at;
    while (place < end) {
      int d = in[place] - '0';
      if (d < 0 || d > 9) {
        break;
      }
      value = value * 10 + d;
      place++;
    }
    at = place;
    digits = value;
  }

  /** Keeps the first digits that count for anything; the rest only move the power. */
  private void cut(int first, int point) {
    int place = first;
    while (place < at && (in[place] == '0' || in[place] == '.')) {
      place++;
    }
    long value = 0;
    int kept = 0;
    for (; place < at && kept < MOST_DIGITS; place++) {
      if (in[place] != '.') {
        value = value * 10 + (in[place] - '0');
        kept++;
      }
    }
    digits = value;
    power = place <= point ? point - place : point + 1 - place;
    cut = place < at;
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
      throw PlainJson.notPlain();
    }
    power += sign == '-' ? -value : value;
  }

  private String text() {
    return new String(in, start, at - start, StandardCharsets.ISO_8859_1);
  }
}
