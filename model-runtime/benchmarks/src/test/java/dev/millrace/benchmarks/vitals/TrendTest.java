package dev.millrace.benchmarks.vitals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TrendTest {
  @Test
  void aStraightLineHasItsSlopeAndNoError() {
    Trend trend = Trend.of(new double[] {1, 2, 3, 4}, new double[] {10, 12, 14, 16});

    assertThat(trend.slope()).isCloseTo(2, within(1e-9));
    assertThat(trend.error()).isCloseTo(0, within(1e-9));
    assertThat(trend.surely(10)).isCloseTo(20, within(1e-6));
  }

  @Test
  void noiseWidensTheErrorAndIsNoRise() {
    Trend trend = Trend.of(new double[] {0, 1, 2, 3, 4, 5}, new double[] {5, 9, 4, 8, 5, 9});

    assertThat(trend.error()).isPositive();
    assertThat(trend.surely(5)).isNegative();
  }

  @Test
  void agreesWithATextbook() {
    // Weight over height of fifteen women: slope 61.272, standard error 1.776.
    double[] height = {
      1.47, 1.50, 1.52, 1.55, 1.57, 1.60, 1.63, 1.65, 1.68, 1.70, 1.73, 1.75, 1.78, 1.80, 1.83
    };
    double[] weight = {
      52.21, 53.12, 54.48, 55.84, 57.20, 58.57, 59.93, 61.29, 63.11, 64.47, 66.28, 68.10, 69.92,
      72.19, 74.46
    };

    assertThat(Trend.of(height, weight).slope()).isCloseTo(61.272, within(0.001));
    assertThat(Trend.of(height, weight).error()).isCloseTo(1.776, within(0.001));
  }

  @Test
  void twoPointsAreNoTrend() {
    assertThatThrownBy(() -> Trend.of(new double[] {1, 2}, new double[] {1, 2}))
        .hasMessageContaining("3 or more");
  }
}
