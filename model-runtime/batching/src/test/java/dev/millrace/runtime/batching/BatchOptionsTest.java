package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchOptionsTest {
  @Test
  void namesTheFieldTheValueAndWhatWasExpected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchOptions(0, 1, 1, Duration.ZERO, 1))
        .withMessage("maxBatchRows: 0 (expected: at least 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchOptions(1, 0, 1, Duration.ZERO, 1))
        .withMessage("maxQueue: 0 (expected: at least 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchOptions(1, 1, 0, Duration.ZERO, 1))
        .withMessage("maxQueueBytes: 0 (expected: at least 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchOptions(1, 1, 1, Duration.ofSeconds(-1), 1))
        .withMessage("maxDelay: PT-1S (expected: between 0 and 1 minute)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchOptions(1, 1, 1, Duration.ZERO, 0))
        .withMessage("instances: 0 (expected: between 1 and 1024)");
  }

  @Test
  void requestsNeedRows() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchRequest<>("p", 0, 0, "shape", BatchRequest.NO_DEADLINE))
        .withMessage("rows: 0 (expected: at least 1)");
  }
}
