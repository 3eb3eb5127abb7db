package dev.millrace.runtime.engine.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.Profile.Latency;
import java.util.List;
import org.junit.jupiter.api.Test;

class BestBatchTest {
  @Test
  void isTheSmallestThatComesCloseToTheBest() {
    // 10, 16, 19.0, 19.9, 20 rows/ms
    assertThat(
            BestBatch.of(
                List.of(
                    cell(1, 0, 100),
                    cell(2, 0, 125),
                    cell(4, 0, 210),
                    cell(8, 0, 402),
                    cell(16, 0, 800))))
        .isEqualTo(4);
  }

  @Test
  void isOneWhereBatchingCosts() {
    assertThat(BestBatch.of(List.of(cell(1, 0, 100), cell(2, 0, 220), cell(4, 0, 500))))
        .isEqualTo(1);
    assertThat(BestBatch.of(List.of())).isEqualTo(1);
  }

  @Test
  void looksAtTheLengthThatWasMeasuredFurthest() {
    List<Latency> cells =
        List.of(
            cell(1, 8, 100),
            cell(2, 8, 100),
            cell(1, 32, 200),
            cell(2, 32, 400),
            cell(1, 128, 900));

    assertThat(BestBatch.of(cells)).isEqualTo(1);
    assertThat(BestBatch.of(cells.subList(0, 3))).isEqualTo(2);
  }

  private static Latency cell(int batch, int length, long micros) {
    return new Latency(batch, length, micros, micros, 10);
  }
}
