package dev.millrace.runtime.server.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class PoolingTest {
  private static final FloatBuffer HIDDEN = FloatBuffer.wrap(new float[] {1, -2, 3, 4, 100, 100});
  private static final long[] MASK = {1, 1, 0};

  private static float[] pooled(Pooling pooling) {
    float[] vector = new float[2];
    pooling.pool(HIDDEN, MASK, vector);
    return vector;
  }

  @Test
  void paddingCountsInNoPooling() {
    assertThat(pooled(Pooling.MEAN)).containsExactly(2, 1);
    assertThat(pooled(Pooling.MAX)).containsExactly(3, 4);
    assertThat(pooled(Pooling.CLS)).containsExactly(1, -2);
  }

  @Test
  void normalizesToLengthOneAndLeavesZeroAlone() {
    float[] vector = {3, 4};
    Pooling.normalize(vector);
    assertThat(vector).containsExactly(new float[] {0.6f, 0.8f}, within(1e-7f));

    float[] zero = {0, 0};
    Pooling.normalize(zero);
    assertThat(zero).containsExactly(0, 0);
  }

  @Test
  void manifestNamesAreLowerCase() {
    assertThat(Pooling.byName("cls")).contains(Pooling.CLS);
    assertThat(Pooling.byName("MEAN")).isEmpty();
  }
}
