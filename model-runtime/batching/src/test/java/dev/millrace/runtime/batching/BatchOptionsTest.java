package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.QueuePolicy.Ordering;
import dev.millrace.runtime.batching.QueuePolicy.TimeoutAction;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BatchOptionsTest {
  @Test
  void namesTheFieldTheValueAndWhatWasExpected() {
    refused(() -> options(0, Duration.ZERO, 1), "maxBatchRows: 0 (expected: at least 1)");
    refused(
        () -> options(1, Duration.ofSeconds(-1), 1),
        "maxDelay: PT-1S (expected: between 0 and 1 minute)");
    refused(() -> options(1, Duration.ZERO, 0), "instances: 0 (expected: between 1 and 1024)");
  }

  @Test
  void theQueueIsBounded() {
    refused(() -> queue(0, 1, 1), "maxRequests: 0 (expected: at least 1)");
    refused(() -> queue(1, 0, 1), "maxBytes: 0 (expected: at least 1)");
    refused(() -> queue(1, 1, 65), "priorityLevels: 65 (expected: between 1 and 64)");
    refused(
        () -> new QueuePolicy(1, 1, 1, Duration.ZERO, TimeoutAction.REJECT, Ordering.BY_URGENCY),
        "ageing: PT0S (expected: more than 0, at most 1 hour)");
  }

  @Test
  void sizesNeedSense() {
    refused(
        () -> new SizePolicy(Duration.ZERO, 1, LatencyProfile.UNKNOWN),
        "slo: PT0S (expected: more than 0)");
    refused(
        () -> new SizePolicy(null, 0.9, LatencyProfile.UNKNOWN),
        "paddingWaste: 0.9 (expected: 1 to 4)");
    refused(
        () -> new LatencyProfile.Point(0, 0, Duration.ofMillis(1)),
        "rows: 0 (expected: at least 1)");
  }

  @Test
  void requestsNeedRowsAndAPriority() {
    refused(
        () -> new BatchRequest<>("p", 0, 0, "shape", 0, Terms.NONE),
        "rows: 0 (expected: at least 1)");
    refused(
        () -> new Terms(1, 1, -1, ""), "priority: -1 (expected: 0 for the default, or 1 and more)");
  }

  private static BatchOptions options(int rows, Duration delay, int instances) {
    return new BatchOptions(rows, delay, instances, QueuePolicy.DEFAULT, SizePolicy.DEFAULT);
  }

  private static QueuePolicy queue(int requests, long bytes, int levels) {
    return new QueuePolicy(
        requests, bytes, levels, Duration.ofSeconds(1), TimeoutAction.REJECT, Ordering.BY_URGENCY);
  }

  private static void refused(ThrowingCallable making, String message) {
    assertThatIllegalArgumentException().isThrownBy(making).withMessage(message);
  }
}
