package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchSizerTest {
  private final LatencyCurve curve = new LatencyCurve(LatencyProfile.UNKNOWN);

  @Test
  void keepsTwoBatchesWithinTheSlo() {
    var sizer = sizer(32, Duration.ofMillis(100));
    learn(1, 5);
    learn(32, 160);

    assertThat(sizer.best(0)).isEqualTo(10);
    assertThat(sizer(32, Duration.ofMillis(2)).best(0)).as("one in any case").isEqualTo(1);
    assertThat(sizer(32, null).best(0)).isEqualTo(32);
  }

  @Test
  void findsByItselfThatBatchesDoNotPay() {
    // A net whose rows cost 16 ms alone, 14 ms in pairs and 40 ms in larger batches.
    var sizer = sizer(16, null);
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int rows = sizer.next(0, 100);
      sizes.add(rows);
      long perRow = rows == 1 ? 16 : rows == 2 ? 14 : 40;
      curve.record(rows, 0, rows * perRow * 1_000_000);
    }

    assertThat(sizes.subList(0, 7)).as("large until something is known").containsOnly(16);
    assertThat(sizes.subList(350, 400)).filteredOn(rows -> rows == 2).hasSizeGreaterThan(44);
  }

  @Test
  void aBatchThatIsNotFullTriesNothing() {
    var sizer = sizer(16, null);
    for (int i = 0; i < 100; i++) {
      assertThat(sizer.next(0, 16)).isEqualTo(16);
    }
  }

  @Test
  void waitingPaysUntilTheBestSizeIsThere() {
    var sizer = sizer(4, null);

    assertThat(sizer.pays(3, 0)).isTrue();
    assertThat(sizer.pays(4, 0)).isFalse();
  }

  private BatchSizer sizer(int maxRows, Duration slo) {
    return new BatchSizer(
        new BatchOptions(
            maxRows,
            Duration.ZERO,
            1,
            QueuePolicy.DEFAULT,
            new SizePolicy(slo, 1, LatencyProfile.UNKNOWN)),
        curve);
  }

  private void learn(int rows, long millis) {
    for (int i = 0; i < 20; i++) {
      curve.record(rows, 0, millis * 1_000_000);
    }
  }
}
