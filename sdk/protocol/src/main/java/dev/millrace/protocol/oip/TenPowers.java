package dev.millrace.protocol.oip;

import java.math.BigInteger;

/**
 * The powers of ten as the first 128 bits of their value, the highest of which is set: what is
 * needed to turn decimal numbers into binary ones and back. Made once, within a few milliseconds.
 */
final class TenPowers {
  static final int LEAST = -342;
  static final int MOST = 324;

  /** Five to this power is the last that 128 bits hold. */
  private static final int MOST_EXACT = 55;

  private static final int BITS = 128;
  private static final long[] HIGH = new long[MOST - LEAST + 1];
  private static final long[] LOW = new long[MOST - LEAST + 1];

  static {
    BigInteger power = BigInteger.ONE;
    for (int exponent = 0; exponent <= -LEAST; exponent++) {
      if (exponent <= MOST) {
        put(exponent, power.shiftLeft(BITS).shiftRight(power.bitLength()));
      }
      if (exponent > 0) {
        // One bit more than needed where the quotient begins with a zero.
        BigInteger part = BigInteger.ONE.shiftLeft(BITS + power.bitLength()).divide(power);
        put(-exponent, part.shiftRight(part.bitLength() - BITS));
      }
      power = power.multiply(BigInteger.valueOf(5));
    }
  }

  private TenPowers() {}

  private static void put(int exponent, BigInteger bits) {
    HIGH[exponent - LEAST] = bits.shiftRight(Long.SIZE).longValue();
    LOW[exponent - LEAST] = bits.longValue();
  }

  /** The first 64 bits of the power, rounded down. */
  static long high(int exponent) {
    return HIGH[exponent - LEAST];
  }

  /** The next 64 bits of the power, rounded down. */
  static long low(int exponent) {
    return LOW[exponent - LEAST];
  }

  /** Whether the 128 bits are the power itself. */
  static boolean exact(int exponent) {
    return exponent >= 0 && exponent <= MOST_EXACT;
  }

  /** The upper half of the product of two unsigned numbers. */
  static long multiplyHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a);
  }
}
