package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every number is read to the value that the JDK reads, which rounds correctly. */
class NearestFloatTest {
  private static final long SEED = 20_261_124;
  private static final int SAMPLES = 300_000;

  /** Numbers on which readers have failed, from the literature and from bug reports. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2.2250738585072012e-308",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327208e-324",
        "2.4703282292062328e-324",
        "2.47032822920623272e-324",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "9007199254740993",
        "9007199254740993.0000000000000001",
        "9007199254740992.9999999999999999",
        "6.631236846766476e-316",
        "3.237883913302901e-319",
        "1090544144181609348671888949248",
        "1090544144181609348835077142190",
        "45035996273704985",
        "45035996273704995",
        "1.00000011920928955078125",
        "1.00000017881393432617187499",
        "1.000000178813934326171875",
        "1.00000017881393432617187501",
        "8.41e21",
        "9.1094e-31",
        "1448997445238699",
        "0.000000000000000000000000000000000000011754943508222875",
        "1.1754942807573642918e-38",
        "7.0064923216240853546186479164495806564013097093825788587853e-46",
        "7.0064923216240854e-46",
        "1.4012984643e-45",
        "3.4028234664e38",
        "3.4028235677973366e38",
        "16777217",
        "16777216.5",
        "0.0000000000000000000000000000000000000000000000000000000000001e70",
        "1e-400",
        "0e999",
        "123456789012345678901234567890",
        "0.10000000149011612",
        "9223372036854775807",
        "18446744073709551615",
        "9999999999999999999",
        "-0.0",
        "-0"
      })
  void hardOnes(String text) {
    same(text);
  }

  @Test
  void randomBits() {
    var random = new Random(SEED);
    for (int i = 0; i < SAMPLES; i++) {
      double wide = Double.longBitsToDouble(random.nextLong());
      float narrow = Float.intBitsToFloat(random.nextInt());
      if (Double.isFinite(wide)) {
        same(Double.toString(wide));
      }
      if (Float.isFinite(narrow)) {
        same(Float.toString(narrow));
        same(Double.toString(narrow));
      }
    }
  }

  @Test
  void randomDigitsAndExponents() {
    var random = new Random(SEED);
    for (int i = 0; i < SAMPLES; i++) {
      var text = new StringBuilder().append(1 + random.nextInt(9)).append('.');
      for (int digits = random.nextInt(24); digits >= 0; digits--) {
        text.append(random.nextInt(10));
      }
      same(
          text
              + "e"
              + (random.nextInt(2) == 0 ? random.nextInt(90) - 50 : random.nextInt(650) - 335));
    }
  }

  @Test
  void halfWayBetweenNeighbours() {
    var random = new Random(SEED);
    for (int i = 0; i < 3_000; i++) {
      double wide = Math.abs(Double.longBitsToDouble(random.nextLong()));
      float narrow = Math.abs(Float.intBitsToFloat(random.nextInt()));
      if (wide < 1e300 && wide > 1e-300) {
        around(new BigDecimal(wide).add(new BigDecimal(Math.nextUp(wide))), 300);
      }
      if (narrow < 1e38f) {
        around(new BigDecimal(narrow).add(new BigDecimal(Math.nextUp(narrow))), 120);
      }
    }
  }

  @Test
  void everyPowerOfTwoAndTen() {
    for (int exponent = -1074; exponent <= 1023; exponent++) {
      same(Double.toString(Math.pow(2, exponent)));
    }
    for (int exponent = -400; exponent <= 400; exponent++) {
      same("1e" + exponent);
      same("9999999999999999999e" + exponent);
    }
  }

  private static void around(BigDecimal twice, int mostDigits) {
    BigDecimal middle = twice.divide(BigDecimal.valueOf(2));
    if (middle.precision() <= mostDigits) {
      same(middle.toString());
      BigDecimal step = middle.ulp();
      same(middle.add(step).toString());
      same(middle.subtract(step).toString());
    }
  }

  private static void same(String text) {
    float narrow = Float.parseFloat(text);
    double wide = Double.parseDouble(text);
    if (Float.isFinite(narrow)) {
      int bits = Float.floatToRawIntBits(at(text).float32());
      assertThat(bits).as("%s as float", text).isEqualTo(Float.floatToRawIntBits(narrow));
    }
    if (Double.isFinite(wide)) {
      long bits = Double.doubleToRawLongBits(at(text).float64());
      assertThat(bits).as("%s as double", text).isEqualTo(Double.doubleToRawLongBits(wide));
    }
  }

  private static PlainNumbers at(String text) {
    return new PlainNumbers(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }
}
