package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShortestDecimalTest {
  private static final long SEED = 20_261_124;
  private static final int SAMPLES = 1_000_000;

  private final byte[] out = new byte[ShortestDecimal.MOST_BYTES];

  @ParameterizedTest
  @CsvSource({
    "0, 0.0",
    "-0.0, -0.0",
    "1, 1.0",
    "0.001, 0.001",
    "0.00099, 9.9E-4",
    "9999999, 9999999.0",
    "1e7, 1.0E7",
    "123456.789, 123456.789",
    "2.2250738585072014E-308, 2.2250738585072014E-308",
    "2.225073858507201E-308, 2.225073858507201E-308",
    "1.7976931348623157E308, 1.7976931348623157E308",
    "4.9e-324, 5.0E-324",
    "9007199254740993, 9.007199254740992E15",
    "2e23, 2.0E23",
    "9.5367431640625E-7, 9.5367431640625E-7",
    "5e-323, 5.0E-323"
  })
  void writesTheShortestDouble(double value, String text) {
    assertThat(text(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1",
    "-3.125, -3.125",
    "1.4e-45, 1.0E-45",
    "3.4028235e38, 3.4028235E38",
    "1.17549435e-38, 1.1754944E-38",
    "8.589973E9, 8.589974E9",
    "0.09999999, 0.09999999",
    "3.3554432e7, 3.3554432E7"
  })
  void writesTheShortestFloat(float value, String text) {
    assertThat(text(value)).isEqualTo(text);
  }

  @Test
  void everyPowerOfTwoAndTenAndItsNeighboursComeBack() {
    for (int exponent = -1074; exponent <= 1023; exponent++) {
      around(
          exponent < -1022
              ? Math.scalb(Double.MIN_VALUE, exponent + 1074)
              : Math.scalb(1d, exponent));
    }
    for (int exponent = -323; exponent <= 308; exponent++) {
      around(Double.parseDouble("1e" + exponent));
    }
    for (int exponent = -149; exponent <= 127; exponent++) {
      around(Math.scalb(1f, exponent));
    }
    for (int exponent = -45; exponent <= 38; exponent++) {
      around(Float.parseFloat("1e" + exponent));
    }
  }

  @Test
  void anyDoubleComesBackAndNoShorterThanJavasOwn() {
    var random = new Random(SEED);
    for (int i = 0; i < SAMPLES; i++) {
      long bits = random.nextLong();
      // Every fourth one is subnormal.
      check(Double.longBitsToDouble(i % 4 == 0 ? bits & 0x800F_FFFF_FFFF_FFFFL : bits));
      check(random.nextInt(1_000_000) / 1000d);
    }
  }

  @Test
  void anyFloatComesBackAndNoShorterThanJavasOwn() {
    var random = new Random(SEED);
    for (int i = 0; i < SAMPLES; i++) {
      int bits = random.nextInt();
      check(Float.intBitsToFloat(i % 4 == 0 ? bits & 0x807F_FFFF : bits));
      check(Math.nextUp(random.nextInt(1_000_000) / 1000f));
    }
  }

  private void around(double value) {
    check(value);
    check(Math.nextUp(value));
    check(Math.nextDown(value));
    check(-value);
  }

  private void around(float value) {
    check(value);
    check(Math.nextUp(value));
    check(Math.nextDown(value));
    check(-value);
  }

  private void check(double value) {
    if (!Double.isFinite(value)) {
      return;
    }
    String text = text(value);
    if (Double.doubleToRawLongBits(Double.parseDouble(text)) != Double.doubleToRawLongBits(value)
        || !asShort(text, Double.toString(value))) {
      assertThat(text).isEqualTo(Double.toString(value));
    }
  }

  private void check(float value) {
    if (!Float.isFinite(value)) {
      return;
    }
    String text = text(value);
    if (Float.floatToRawIntBits(Float.parseFloat(text)) != Float.floatToRawIntBits(value)
        || !asShort(text, Float.toString(value))) {
      assertThat(text).isEqualTo(Float.toString(value));
    }
  }

  /** Java writes two digits where one is enough: then, and only then, the texts may differ. */
  private static boolean asShort(String text, String javas) {
    return text.equals(javas)
        || (text.length() == javas.length() && javas.replaceAll("E.*|[-.]", "").length() == 2)
        || Runtime.version().feature() < 19;
  }

  private String text(double value) {
    return new String(out, 0, ShortestDecimal.write(value, out, 0), StandardCharsets.US_ASCII);
  }

  private String text(float value) {
    return new String(out, 0, ShortestDecimal.write(value, out, 0), StandardCharsets.US_ASCII);
  }
}
