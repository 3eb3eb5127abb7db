package dev.millrace.protocol.oip;

/**
 * Writes a float exactly as {@link Float#toString(float)} does, without making the string: the
 * shortest decimal that reads back as this very float, the nearest one where several are as short.
 *
 * <p>For the magnitudes that are written without an exponent every step is exact: a float has 24
 * bits, the power of ten that moves its first nine digits before the point at most 28 (10^12 is
 * 5^12 but for powers of two), and a double holds the 52 bits of their product. So whether a
 * shorter number still lies within half a unit in the last place is a comparison of exact numbers.
 * Nine digits are always enough. All else is left to the caller. Pure.
 */
final class ShortestFloat {
  /** The most bytes that {@link #write} takes. */
  static final int MOST_BYTES = 24;

  private static final float LEAST = 1e-3f;
  private static final float MOST = 1e7f;
  private static final int SIGNIFICAND_BITS = 23;
  private static final int DOUBLE_BITS = 52;
  private static final int DOUBLE_BIAS = 1023;

  /** From a float's exponent field to that of half its last bit, as a double's exponent field. */
  private static final int HALF_BIT = DOUBLE_BIAS - 127 - SIGNIFICAND_BITS - 1;

  /** Most digits that may go: of one-digit numbers Java's rule prefers a nearer one of two. */
  private static final int MOST_DROPPED = 7;

  private static final double[] POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12
  };

  private ShortestFloat() {}

  /**
   * Writes {@code value} at {@code at}.
   *
   * @return where the text ends; -1 when this value is not one that is written here, and then
   *     nothing was written
   */
  static int write(float value, byte[] out, int at) {
    float size = Math.abs(value);
    int bits = Float.floatToRawIntBits(size);
    // The neighbours of a power of two are not equally far; NaN fails every comparison.
    if (!(size >= LEAST && size < MOST) || bits << (Integer.SIZE - SIGNIFICAND_BITS) == 0) {
      return -1;
    }
    int decimals = decimals(size);
    double scaled = size * POWERS[decimals];
    long halfBit = (long) ((bits >>> SIGNIFICAND_BITS) + HALF_BIT) << DOUBLE_BITS;
    double half = Double.longBitsToDouble(halfBit) * POWERS[decimals];
    // A number that lies exactly between two floats reads back as the even one.
    double most = (bits & 1) == 0 ? half : Math.nextDown(half);
    int digits = (int) Math.rint(scaled);
    if (Math.abs(digits - scaled) > most) {
      return -1;
    }
    int prefix = (int) scaled;
    int dropped = 0;
    for (int unit = 10; dropped < MOST_DROPPED; unit *= 10) {
      prefix /= 10;
      double rest = scaled - prefix * unit;
      double other = unit - rest;
      boolean up = rest > other || (rest == other && (prefix & 1) == 1);
      if ((up ? other : rest) > most) {
        break;
      }
      digits = up ? prefix + 1 : prefix;
      dropped++;
    }
    int start = at;
    if (value < 0) {
      out[start++] = '-';
    }
    return print(digits, decimals - dropped, out, start);
  }

  /** How many decimals make nine digits, zeros in front not counted. */
  private static int decimals(float size) {
    if (size < 10) {
      return size >= 1 ? 8 : size >= 0.1f ? 9 : size >= 0.01f ? 10 : 11;
    }
    if (size < 10_000) {
      return size < 100 ? 7 : size < 1_000 ? 6 : 5;
    }
    return size < 100_000 ? 4 : size < 1_000_000 ? 3 : 2;
  }

  /** Writes digits · 10^-decimals, with one decimal at least. */
  private static int print(int digits, int decimals, byte[] out, int at) {
    int left = digits;
    int point = decimals;
    for (; point < 1; point++) {
      left *= 10;
    }
    while (point > 1 && left % 10 == 0) {
      left /= 10;
      point--;
    }
    int whole = 1;
    for (double power = 10 * POWERS[point]; left >= power; power *= 10) {
      whole++;
    }
    int end = at + whole + 1 + point;
    int to = end;
    for (int i = 0; i < point; i++) {
      out[--to] = (byte) ('0' + left % 10);
      left /= 10;
    }
    out[--to] = '.';
    for (int i = 0; i < whole; i++) {
      out[--to] = (byte) ('0' + left % 10);
      left /= 10;
    }
    return end;
  }
}
