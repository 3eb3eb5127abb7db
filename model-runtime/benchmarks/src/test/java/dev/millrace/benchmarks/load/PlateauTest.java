package dev.millrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class PlateauTest {
  @Test
  void risingRatesAreNoPlateau() {
    assertThat(reachedAt(280, 900, 2_100, 3_900, 4_200)).isEqualTo(-1);
  }

  @Test
  void threeThatAgreeWithinFivePercentAre() {
    assertThat(reachedAt(280, 900, 4_100, 4_000, 4_200, 4_200)).isEqualTo(4);
  }

  @Test
  void twoThatAgreeAreTooFew() {
    assertThat(reachedAt(4_100, 4_100)).isEqualTo(-1);
  }

  @Test
  void aSetbackStartsItAnew() {
    assertThat(reachedAt(4_100, 4_100, 2_000, 4_100, 4_100, 4_150)).isEqualTo(5);
  }

  @Test
  void silenceIsNoPlateau() {
    assertThat(reachedAt(0, 0, 0, 0)).isEqualTo(-1);
  }

  /** Which of the rates completed the plateau; -1 for none. */
  private static int reachedAt(double... rates) {
    var plateau = new Plateau();
    boolean[] reached = new boolean[rates.length];
    for (int i = 0; i < rates.length; i++) {
      reached[i] = plateau.add(rates[i]);
    }
    return (int)
        DoubleStream.iterate(0, i -> i + 1)
            .limit(rates.length)
            .filter(i -> reached[(int) i])
            .findFirst()
            .orElse(-1);
  }
}
