package dev.millrace.registry.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndpointSpecTest {
  @Test
  void takesAVersionOrWeights() {
    assertThatCode(() -> SpecRules.check(version(1))).doesNotThrowAnyException();
    assertThatCode(() -> SpecRules.check(weights(90, 10, 0))).doesNotThrowAnyException();
    assertThatCode(() -> SpecRules.check(serving(new ServingSpec("30s", 1, "500us", 1))))
        .doesNotThrowAnyException();
  }

  @Test
  void saysWhatIsWrong() {
    refused(
        new EndpointSpec(null, null, null, null, null),
        "spec: version, traffic: both absent (expected: either the version that should serve, or"
            + " fixed weights)");
    refused(
        new EndpointSpec(null, 1, List.of(new TrafficTarget(1, 100)), null, null), "both given");
    refused(version(0), "spec: version: 0 (expected: at least 1)");
    refused(weights(90), "weights that sum to 90 (expected: 100)");
    refused(weights(101, -1), "traffic.weight: 101");
    refused(weights(), "0 entries");
    refused(
        new EndpointSpec(
            null, null, List.of(new TrafficTarget(1, 50), new TrafficTarget(1, 50)), null, null),
        "version 1 twice");
    refused(new EndpointSpec("../x", 1, null, null, null), "model name '../x' is not valid");
    refused(new EndpointSpec(null, 1, null, null, "GPU"), "pool name 'GPU' is not valid");
    refused(serving(new ServingSpec("soon", null, null, null)), "serving.timeout: soon");
    refused(serving(new ServingSpec(null, 0, null, null)), "serving.maxBatch: 0");
    refused(serving(new ServingSpec(null, null, "2", null)), "serving.maxDelay: 2");
    refused(serving(new ServingSpec(null, null, null, -1)), "serving.maxQueue: -1");
    refused(serving(new ServingSpec(null, null, null, null, "1 day", null)), "serving.idleAfter:");
    refused(
        serving(new ServingSpec(null, null, null, null, null, Map.of("a b", "1"))),
        "serving.engine: ");
    refused(
        serving(new ServingSpec(null, null, null, null, null, Map.of("device", " "))),
        "serving.engine.device: ");
  }

  private static EndpointSpec version(int version) {
    return new EndpointSpec(null, version, null, null, null);
  }

  private static EndpointSpec serving(ServingSpec serving) {
    return new EndpointSpec(null, 1, null, serving, null);
  }

  private static EndpointSpec weights(int... weights) {
    var targets = new java.util.ArrayList<TrafficTarget>();
    for (int weight : weights) {
      targets.add(new TrafficTarget(targets.size() + 1, weight));
    }
    return new EndpointSpec(null, null, targets, null, null);
  }

  private static void refused(EndpointSpec spec, String message) {
    assertThatThrownBy(() -> SpecRules.check(spec))
        .isInstanceOfSatisfying(
            MillraceException.class,
            it -> {
              assertThat(it.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
              assertThat(it.message()).contains(message);
            });
  }
}
