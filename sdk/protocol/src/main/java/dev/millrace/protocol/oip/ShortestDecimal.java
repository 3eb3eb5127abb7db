package dev.millrace.protocol.oip;

import com.fasterxml.jackson.core.io.NumberOutput;

/**
 * Writes floats and doubles as the shortest decimal that reads back as this very number, the
 * nearest one where several are as short: R. Giulietti, "The Schubfach way to render doubles"
 * (2022). In the layout of {@link Float#toString(float)}: with an exponent below 10^-3 and from
 * 10^7. Makes no object. Pure.
 */
final class ShortestDecimal {
  /** The most bytes that a number takes. */
  static final int MOST_BYTES = 26;

  private static final int FLOAT_BITS = 23;
  private static final int FLOAT_BIAS = 150;
  private static final int DOUBLE_BITS = 52;
  private static final int DOUBLE_BIAS = 1075;
  private static final int LEAST_PLAIN = -3;
  private static final int MOST_PLAIN = 7;

  private static final long[] TENS = new long[19];

  static {
    long ten = 1;
    for (int i = 0; i < TENS.length; i++) {
      TENS[i] = ten;
      ten *= 10;
    }
  }

  private ShortestDecimal() {}

  /**
   * Writes a finite number, zero too.
   *
   * @return where the text ends
   */
  static int write(float value, byte[] out, int at) {
    int bits = Float.floatToRawIntBits(value);
    int exponent = (bits >>> FLOAT_BITS) & 0xFF;
    long fraction = bits & ((1 << FLOAT_BITS) - 1);
    int start = sign(bits < 0, out, at);
    return exponent == 0
        ? write(fraction, 1 - FLOAT_BIAS, false, out, start)
        : write(
            fraction | 1L << FLOAT_BITS,
            exponent - FLOAT_BIAS,
            fraction == 0 && exponent > 1,
            out,
            start);
  }

  /**
   * Writes a finite number, zero too.
   *
   * @return where the text ends
   */
  static int write(double value, byte[] out, int at) {
    long bits = Double.doubleToRawLongBits(value);
    int exponent = (int) (bits >>> DOUBLE_BITS) & 0x7FF;
    long fraction = bits & ((1L << DOUBLE_BITS) - 1);
    int start = sign(bits < 0, out, at);
    return exponent == 0
        ? write(fraction, 1 - DOUBLE_BIAS, false, out, start)
        : write(
            fraction | 1L << DOUBLE_BITS,
            exponent - DOUBLE_BIAS,
            fraction == 0 && exponent > 1,
            out,
            start);
  }

  private static int sign(boolean negative, byte[] out, int at) {
    if (negative) {
      out[at] = '-';
      return at + 1;
    }
    return at;
  }

  /**
   * Writes {@code c · 2^q}.
   *
   * @param closer whether the next smaller number is only half as far as the next larger one
   */
  private static int write(long c, int q, boolean closer, byte[] out, int at) {
    if (c == 0) {
      return print(0, 0, out, at);
    }
    int k = (q * 1_262_611 - (closer ? 524_031 : 0)) >> 22;
    int h = q + ((-k * 1_741_647) >> 19) + 1;
    long high = TenPowers.high(-k);
    long low = TenPowers.low(-k);
    if (!TenPowers.exact(-k) && ++low == 0) {
      high++;
    }
    long odd = c & 1;
    // Four times the number and the bounds within which all decimals read back as it.
    long lower = toOdd(high, low, (4 * c - 2 + (closer ? 1 : 0)) << h) + odd;
    long exact = toOdd(high, low, (4 * c) << h);
    long upper = toOdd(high, low, (4 * c + 2) << h) - odd;
    long whole = exact >>> 2;
    if (whole >= 10) {
      long tens = whole / 10;
      boolean below = lower <= 40 * tens;
      boolean above = 40 * tens + 40 <= upper;
      if (below != above) {
        return print(above ? tens + 1 : tens, k + 1, out, at);
      }
    }
    boolean below = lower <= 4 * whole;
    boolean above = 4 * whole + 4 <= upper;
    if (below != above) {
      return print(above ? whole + 1 : whole, k, out, at);
    }
    long middle = 4 * whole + 2;
    boolean up = exact > middle || (exact == middle && (whole & 1) != 0);
    return print(up ? whole + 1 : whole, k, out, at);
  }

  /** The product without its last 128 bits; odd when they were not nothing. */
  private static long toOdd(long high, long low, long factor) {
    long carried = TenPowers.multiplyHigh(low, factor);
    long middle = high * factor + carried;
    long top = TenPowers.multiplyHigh(high, factor);
    if (Long.compareUnsigned(middle, carried) < 0) {
      top++;
    }
    return Long.compareUnsigned(middle, 1) > 0 ? top | 1 : top;
  }

  /** Writes {@code number · 10^power}, with one decimal at least. */
  private static int print(long number, int power, byte[] out, int at) {
    long digits = number;
    int exponent = power;
    while (digits >= 10 && digits % 10 == 0) {
      digits /= 10;
      exponent++;
    }
    int count = count(digits);
    // Digits in front of the point.
    int point = count + exponent;
    if (digits == 0 || (point > LEAST_PLAIN && point <= MOST_PLAIN)) {
      return plain(digits, count, digits == 0 ? 1 : point, out, at);
    }
    int end = plain(digits, count, 1, out, at);
    out[end++] = 'E';
    return NumberOutput.outputInt(point - 1, out, end);
  }

  /** Writes the digits with the point after the first {@code point} of them. */
  private static int plain(long digits, int count, int point, byte[] out, int at) {
    int to = at;
    if (point <= 0) {
      out[to++] = '0';
      out[to++] = '.';
      for (int i = point; i < 0; i++) {
        out[to++] = '0';
      }
      fill(digits, count, out, to);
      return to + count;
    }
    if (count <= point) {
      fill(digits, count, out, to);
      to += count;
      for (int i = count; i < point; i++) {
        out[to++] = '0';
      }
      out[to++] = '.';
      out[to++] = '0';
      return to;
    }
    long unit = TENS[count - point];
    long whole = digits / unit;
    fill(whole, point, out, to);
    to += point;
    out[to++] = '.';
    fill(digits - whole * unit, count - point, out, to);
    return to + count - point;
  }

  private static void fill(long digits, int count, byte[] out, int at) {
    long left = digits;
    int to = at + count;
    for (; left > Integer.MAX_VALUE; left /= 10) {
      out[--to] = (byte) ('0' + left % 10);
    }
    int small = (int) left;
    while (to > at) {
      int rest = small / 10;
      out[--to] = (byte) ('0' + (small - rest * 10));
      small = rest;
    }
  }

  private static int count(long digits) {
    int count = 1;
    while (count < TENS.length && digits >= TENS[count]) {
      count++;
    }
    return count;
  }
}
