package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortestFloatTest {
  private static final long SEED = 20_261_124;
  private static final int SAMPLES = 2_000_000;

  /** Between these the text has no exponent, so that nearly all is written here. */
  private static final int LEAST = Float.floatToRawIntBits(1e-3f);

  private static final int MOST = Float.floatToRawIntBits(1e7f);

  private final byte[] out = new byte[ShortestFloat.MOST_BYTES + 1];

  @ParameterizedTest
  @ValueSource(
      floats = {
        0.1f,
        0.3f,
        1.1f,
        -3.125f,
        400.5f,
        9.999999f,
        0.001f,
        0.0010000001f,
        9_999_999f,
        1e6f + 0.5f,
        16_777.217f,
        0.09999999f,
        5.0E-3f,
        123_456.79f,
        8.589973E9f,
        1.4E-45f
      })
  void writesWhatJavaWrites(float value) {
    assertSame(value);
    assertSame(-value);
  }

  @Test
  void writesWhatJavaWritesOfAnyFloat() {
    var random = new Random(SEED);
    for (int i = 0; i < SAMPLES; i++) {
      assertSame(Float.intBitsToFloat(random.nextInt(LEAST, MOST)));
    }
  }

  @Test
  void writesWhatJavaWritesNextToShortNumbers() {
    var random = new Random(SEED);
    for (int i = 0; i < SAMPLES / 10; i++) {
      float near = random.nextInt(1_000_000) / 1000f;
      assertSame(near);
      assertSame(Math.nextUp(near));
      assertSame(Math.nextDown(near));
    }
  }

  @ParameterizedTest
  @ValueSource(
      floats = {
        0f,
        -0f,
        1e-4f,
        1e7f,
        2f,
        0.5f,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY
      })
  void leavesToOthersWhatItDoesNotWrite(float value) {
    assertThat(ShortestFloat.write(value, out, 0)).isEqualTo(-1);
  }

  @Test
  void leavesHardlyAnythingInItsRange() {
    var random = new Random(SEED);
    int left = 0;
    for (int i = 0; i < 10_000; i++) {
      float value = 1e-3f + random.nextFloat() * 1000;
      left += ShortestFloat.write(value, out, 0) < 0 ? 1 : 0;
    }
    assertThat(left).isLessThan(10);
  }

  private void assertSame(float value) {
    int end = ShortestFloat.write(value, out, 0);
    if (end >= 0) {
      var text = new String(out, 0, end, StandardCharsets.US_ASCII);
      if (!text.equals(Float.toString(value))) {
        assertThat(text).isEqualTo(Float.toString(value));
      }
    }
  }
}
