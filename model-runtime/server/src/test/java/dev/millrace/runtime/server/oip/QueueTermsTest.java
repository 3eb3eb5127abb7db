package dev.millrace.runtime.server.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.batching.BatchRequest;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.server.config.BatchingOptions;
import dev.millrace.runtime.server.replica.SchedulingOptions;
import dev.millrace.runtime.server.replica.ServingOptions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QueueTermsTest {
  private static final long ARRIVAL = 5_000;
  private static final ServingOptions SERVING =
      new ServingOptions(Duration.ofSeconds(30), new BatchingOptions(32, 512, Duration.ZERO));

  @Test
  void withoutAWordTheEndpointsOptionsCount() {
    assertThat(terms(CallContext.NO_DEADLINE, Map.of()))
        .isEqualTo(new Terms(ARRIVAL + 30_000_000_000L, BatchRequest.NO_DEADLINE, 2, "team"));
    assertThat(QueueTerms.of(context(7_000), withQueueTimeout(), Map.of(), ARRIVAL))
        .isEqualTo(new Terms(7_000, ARRIVAL + 100_000_000, 2, "team"));
  }

  @Test
  void parametersGoFirst() {
    assertThat(terms(7_000, Map.of("priority", 1L, "timeout", 250L)))
        .isEqualTo(new Terms(7_000, ARRIVAL + 250_000, 1, "team"));
    assertThat(terms(7_000, Map.of("priority", 0L, "timeout", 0L)))
        .as("0 is the default")
        .isEqualTo(new Terms(7_000, BatchRequest.NO_DEADLINE, 2, "team"));
  }

  @Test
  void saysWhatAParameterMayBe() {
    refused(Map.of("timeout", "soon"), "parameter 'timeout': soon (expected: microseconds");
    refused(Map.of("timeout", -1L), "parameter 'timeout': -1");
    refused(Map.of("priority", 1.5), "parameter 'priority': 1.5 (expected: 0 for the default");
  }

  @Test
  void readsTheHeaders() {
    assertThat(Caller.of(null, null)).isEqualTo(Caller.UNKNOWN);
    assertThat(Caller.of(" 3 ", "team")).isEqualTo(new Caller(3, "team"));
    assertThatThrownBy(() -> Caller.of("high", null))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("header 'millrace-priority': 'high' (expected: 0 for the default");
    assertThatThrownBy(() -> Caller.of("-1", null)).isInstanceOf(MillraceException.class);
  }

  private static Terms terms(long deadline, Map<String, Object> parameters) {
    return QueueTerms.of(context(deadline), SERVING, parameters, ARRIVAL);
  }

  private static ServingOptions withQueueTimeout() {
    var none = SchedulingOptions.DEFAULT;
    return new ServingOptions(
        SERVING.timeout(),
        SERVING.batching(),
        SERVING.engine(),
        SERVING.idleAfter(),
        new SchedulingOptions(
            none.slo(),
            none.ownersBatch(),
            none.padding(),
            none.priorityLevels(),
            Duration.ofMillis(100),
            none.timeoutAction(),
            none.ordering(),
            none.instances()));
  }

  private static CallContext context(long deadline) {
    return new CallContext(
        "id", null, "endpoint", deadline, new Caller(2, "team"), null, new Cancellation());
  }

  private static void refused(Map<String, Object> parameters, String message) {
    assertThatThrownBy(() -> terms(7_000, parameters))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining(message);
  }
}
