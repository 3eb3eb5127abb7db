package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.QueuePolicy;
import dev.millrace.runtime.server.config.BatchingOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServingOptionsTest {
  private static final VersionKey KEY = new VersionKey("p", "m", 2);
  private static final ServingOptions DEFAULTS =
      new ServingOptions(Duration.ofSeconds(30), new BatchingOptions(32, 512, Duration.ZERO));

  private static EndpointEntry endpoint(String name, int weight, ServingSpec serving) {
    return new EndpointEntry(
        "p", name, "m", "cpu", List.of(new TrafficTarget(2, weight)), serving, Map.of());
  }

  private static Snapshot snapshot(EndpointEntry... endpoints) {
    return new Snapshot(
        1,
        "e",
        List.of(endpoints),
        List.of(),
        List.of(),
        List.of(new Assignment("me", List.of(KEY), List.of())),
        List.of());
  }

  @Test
  void withoutAnEndpointTheDefaultsCount() {
    assertThat(ServingOptions.of(snapshot(), KEY, DEFAULTS)).isEqualTo(DEFAULTS);
  }

  @Test
  void theEndpointOverridesWhatItNames() {
    var options =
        ServingOptions.of(
            snapshot(endpoint("m", 100, new ServingSpec("5s", 8, "2ms", null))), KEY, DEFAULTS);

    assertThat(options)
        .isEqualTo(
            new ServingOptions(
                Duration.ofSeconds(5),
                new BatchingOptions(8, 512, Duration.ofMillis(2)),
                Map.of(),
                null,
                SchedulingOptions.of(new ServingSpec(null, 8, null, null))));
    assertThat(options.scheduling().ownersBatch()).isTrue();
  }

  @Test
  void theEndpointSaysHowLongItMayStayWithoutCalls() {
    var defaults =
        new ServingOptions(
            DEFAULTS.timeout(), DEFAULTS.batching(), Map.of(), Duration.ofMinutes(9));

    var own = ServingOptions.of(snapshot(endpoint("m", 100, idle("2s"))), KEY, defaults);
    var never = ServingOptions.of(snapshot(endpoint("m", 100, idle("never"))), KEY, defaults);
    var silent = ServingOptions.of(snapshot(endpoint("m", 100, idle(null))), KEY, defaults);

    assertThat(own.idleAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(own.pinned()).isFalse();
    assertThat(never.idleAfter()).isNull();
    assertThat(never.pinned()).isTrue();
    assertThat(silent).isEqualTo(defaults);
  }

  private static ServingSpec idle(String idleAfter) {
    return new ServingSpec(null, null, null, null, idleAfter, null);
  }

  @Test
  void theEndpointSaysHowTheQueueBehaves() {
    var spec =
        new ServingSpec(
            null,
            null,
            null,
            null,
            null,
            null,
            new ServingSpec.Slo("50ms", 0.99),
            "always",
            3,
            "100ms",
            "delay",
            true,
            2);

    assertThat(ServingOptions.of(snapshot(endpoint("m", 100, spec)), KEY, DEFAULTS).scheduling())
        .isEqualTo(
            new SchedulingOptions(
                Duration.ofMillis(50),
                false,
                SchedulingOptions.Padding.ALWAYS,
                3,
                Duration.ofMillis(100),
                QueuePolicy.TimeoutAction.DELAY,
                QueuePolicy.Ordering.BY_ARRIVAL,
                2));
  }

  @Test
  void theMeasuredOptionsStayThoseOfTheRuntime() {
    var spec = new ServingSpec(null, null, null, null, null, Map.of("optimization_level", "basic"));

    var options = ServingOptions.of(snapshot(endpoint("m", 100, spec)), KEY, DEFAULTS);

    assertThat(options.engine()).containsEntry("optimization_level", "basic");
    assertThat(options.measuredEngine()).isEmpty();
  }

  @Test
  void theEndpointWithTheMostTrafficDecides() {
    var options =
        ServingOptions.of(
            snapshot(
                endpoint("m", 0, new ServingSpec(null, 8, null, null)),
                endpoint("busy", 90, new ServingSpec(null, 16, null, null))),
            KEY,
            DEFAULTS);

    assertThat(options.batching().maxBatch()).isEqualTo(16);
  }

  @Test
  void aRuntimeThatTheSnapshotDoesNotNameKeepsWhatItHas() {
    assertThat(Desired.of(snapshot(), "stranger", DEFAULTS)).isEmpty();
    // Assigned, but not described: nothing can be loaded.
    assertThat(Desired.of(snapshot(), "me", DEFAULTS).orElseThrow().load()).isEmpty();
  }
}
