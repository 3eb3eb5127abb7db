package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyCurveTest {
  private static final long MILLI = 1_000_000;

  private LatencyCurve curve = new LatencyCurve(LatencyProfile.UNKNOWN);

  @Test
  void knowsNothingUntilSomethingWasMeasured() {
    assertThat(curve.nanos(4, 16)).isEqualTo(LatencyCurve.UNKNOWN);
    assertThat(curve.nanosPerRow(16)).isEqualTo(LatencyCurve.UNKNOWN);
    assertThat(curve.surelyNanos(4, 16)).isEqualTo(LatencyCurve.UNKNOWN);
    assertThat(curve.bestRows(16, 32)).isEqualTo(32);
    assertThat(curve.mostRowsWithin(MILLI, 16, 32)).isEqualTo(32);
    assertThat(curve.profile().points()).isEmpty();
  }

  @Test
  void interpolatesBetweenSizesAndScalesWithLength() {
    learn(4, 16, 10);
    learn(8, 16, 18);

    assertThat(curve.nanos(4, 16)).isEqualTo(10 * MILLI);
    assertThat(curve.nanos(6, 16)).isEqualTo(14 * MILLI);
    assertThat(curve.nanos(8, 24)).isEqualTo(27 * MILLI);
    assertThat(curve.nanos(16, 16)).as("beyond: as much per row").isEqualTo(36 * MILLI);
    assertThat(curve.nanos(1, 16)).as("below: half of it grows").isEqualTo(6_250_000);
    assertThat(curve.nanos(4, 128)).as("a length never seen").isEqualTo(80 * MILLI);
    assertThat(curve.nanosPerRow(16)).isEqualTo(2_250_000);
  }

  @Test
  void followsAChangeButNotASingleOutlier() {
    learn(1, 0, 10);
    curve.record(1, 0, 10_000 * MILLI);
    assertThat(curve.nanos(1, 0)).isLessThan(14 * MILLI);

    for (int i = 0; i < 60; i++) {
      curve.record(1, 0, 20 * MILLI);
    }
    assertThat(curve.nanos(1, 0)).isBetween(19 * MILLI, 21 * MILLI);
  }

  @Test
  void theFirstRunsOfAShapeCountByTheirMinimum() {
    curve.record(1, 0, 500 * MILLI);
    curve.record(1, 0, 90 * MILLI);
    curve.record(1, 0, 10 * MILLI);

    assertThat(curve.nanos(1, 0)).isEqualTo(10 * MILLI);
  }

  @Test
  void isSureOnlyWithEnoughSteadySamples() {
    for (int i = 0; i < 7; i++) {
      curve.record(1, 0, 10 * MILLI);
    }
    assertThat(curve.surelyNanos(1, 0)).isEqualTo(LatencyCurve.UNKNOWN);
    curve.record(1, 0, 10 * MILLI);
    assertThat(curve.surelyNanos(1, 0)).isEqualTo(10 * MILLI);

    for (int i = 0; i < 60; i++) {
      curve.record(1, 0, (i % 2 == 0 ? 8 : 12) * MILLI);
    }
    assertThat(curve.surelyNanos(1, 0)).as("at the short end").isBetween(5 * MILLI, 7 * MILLI);
  }

  @Test
  void findsTheSizeBeyondWhichABatchDoesNotPay() {
    // A convolutional net on a processor: the larger, the dearer per row.
    learn(1, 0, 16);
    assertThat(curve.bestRows(0, 32)).as("larger ones were not tried").isEqualTo(32);
    learn(32, 0, 1_300);
    assertThat(curve.bestRows(0, 32)).isEqualTo(1);
    learn(2, 0, 28);
    assertThat(curve.bestRows(0, 32)).isEqualTo(2);
  }

  @Test
  void aModelThatBatchesWellKeepsTheLargestSize() {
    learn(1, 16, 3);
    learn(8, 16, 14);
    learn(32, 16, 52);

    assertThat(curve.bestRows(16, 32)).isEqualTo(32);
    assertThat(curve.bestRows(16, 8)).isEqualTo(8);
  }

  @Test
  void theBestSizeIsKnownPerLength() {
    learn(1, 8, 1);
    learn(8, 8, 2);
    learn(1, 512, 10);
    learn(8, 512, 120);

    assertThat(curve.bestRows(8, 8)).isEqualTo(8);
    assertThat(curve.bestRows(512, 8)).isEqualTo(1);
  }

  @Test
  void findsTheMostRowsWithinATime() {
    learn(1, 0, 10);
    learn(16, 0, 160);

    assertThat(curve.mostRowsWithin(55 * MILLI, 0, 16)).isEqualTo(5);
    assertThat(curve.mostRowsWithin(1_000 * MILLI, 0, 16)).isEqualTo(16);
    assertThat(curve.mostRowsWithin(MILLI, 0, 16)).as("one in any case").isEqualTo(1);
  }

  @Test
  void startsFromAProfileAndTellsOne() {
    var seed =
        new LatencyProfile(
            List.of(
                new LatencyProfile.Point(1, 0, Duration.ofMillis(10)),
                new LatencyProfile.Point(8, 0, Duration.ofMillis(160))));
    curve = new LatencyCurve(seed);

    assertThat(curve.bestRows(0, 8)).as("enough to choose a size").isEqualTo(1);
    assertThat(curve.surelyNanos(1, 0))
        .as("not enough to turn somebody away")
        .isEqualTo(LatencyCurve.UNKNOWN);
    assertThat(curve.profile()).isEqualTo(seed);
  }

  private void learn(int rows, int length, long millis) {
    for (int i = 0; i < 20; i++) {
      curve.record(rows, length, millis * MILLI);
    }
  }
}
