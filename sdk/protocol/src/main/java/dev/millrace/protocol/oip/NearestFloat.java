package dev.millrace.protocol.oip;

/**
 * The binary number nearest to {@code digits · 10^power}, ties to even: D. Lemire, "Number Parsing
 * at a Gigabyte per Second" (Software: Practice and Experience 51, 2021), in the form without
 * fallback of N. Mushtak and D. Lemire, "Fast Number Parsing Without Fallback" (2023). Right for
 * every 64-bit count of digits, so for all numbers of up to 19 digits. Pure.
 */
final class NearestFloat {
  private static final Format FLOAT = new Format(23, 127, 0xFF, -17, 10, -64, 38);
  private static final Format DOUBLE = new Format(52, 1023, 0x7FF, -4, 23, -342, 308);

  /** Of these powers alone {@link TenPowers} must be rounded up: one times their inverse is one. */
  private static final int LEAST_ROUNDED_UP = -27;

  private NearestFloat() {}

  /**
   * A binary format.
   *
   * @param bits of the significand, the implied one not counted
   * @param infinite the exponent field of infinity
   * @param leastTie the least power of ten with which a number can lie between two others
   * @param leastPower below this every number is zero
   * @param mostPower above this every number but zero is infinite
   */
  private record Format(
      int bits, int bias, int infinite, int leastTie, int mostTie, int leastPower, int mostPower) {}

  /** Never negative; infinite when it is too large. */
  static float toFloat(long digits, int power) {
    return Float.intBitsToFloat((int) toBits(digits, power, FLOAT));
  }

  /** Never negative; infinite when it is too large. */
  static double toDouble(long digits, int power) {
    return Double.longBitsToDouble(toBits(digits, power, DOUBLE));
  }

  private static long toBits(long digits, int power, Format format) {
    int bits = format.bits;
    long infinity = (long) format.infinite << bits;
    if (digits == 0 || power < format.leastPower) {
      return 0;
    }
    if (power > format.mostPower) {
      return infinity;
    }
    int zeros = Long.numberOfLeadingZeros(digits);
    long normal = digits << zeros;
    long tenHigh = TenPowers.high(power);
    long tenLow = TenPowers.low(power);
    if (power < 0 && power >= LEAST_ROUNDED_UP && ++tenLow == 0) {
      tenHigh++;
    }
    long high = TenPowers.multiplyHigh(normal, tenHigh);
    long low = normal * tenHigh;
    long mask = -1L >>> (bits + 3);
    if ((high & mask) == mask) {
      long more = TenPowers.multiplyHigh(normal, tenLow);
      low += more;
      if (Long.compareUnsigned(more, low) > 0) {
        high++;
      }
    }
    int upper = (int) (high >>> 63);
    int shift = upper + Long.SIZE - bits - 3;
    long significand = high >>> shift;
    int exponent = (((152_170 + 65_536) * power) >> 16) + 63 + upper - zeros + format.bias;
    if (exponent <= 0) {
      return subnormal(significand, exponent);
    }
    boolean tie =
        (low == 0 || low == 1)
            && power >= format.leastTie
            && power <= format.mostTie
            && (significand & 3) == 1
            && significand << shift == high;
    significand = (tie ? significand & ~1L : significand + (significand & 1)) >>> 1;
    // A significand that was rounded up to the next power of two carries into the exponent.
    long value = ((long) (exponent - 1) << bits) + significand;
    return Math.min(value, infinity);
  }

  /** One that is rounded up to the least normal number has its bits too. */
  private static long subnormal(long significand, int exponent) {
    int shift = 1 - exponent;
    if (shift >= Long.SIZE) {
      return 0;
    }
    long shifted = significand >>> shift;
    return (shifted + (shifted & 1)) >>> 1;
  }
}
