package dev.millrace.registry.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.protocol.control.ControlJson;
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
    refused(
        serving(new ServingSpec(null, 0, null, null)),
        "serving.maxBatch: 0 (expected: auto, or 1 to 1000000)");
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

  @Test
  void saysWhatIsWrongWithHowToServe() {
    var fine =
        new ServingSpec(
            "30s",
            8,
            "2ms",
            512,
            null,
            null,
            new ServingSpec.Slo("50ms", 0.99),
            "auto",
            2,
            "100ms",
            "delay",
            false,
            2);
    assertThatCode(() -> SpecRules.check(serving(fine))).doesNotThrowAnyException();
    var stays = new ServingSpec(null, null, null, null, "never", null);
    assertThatCode(() -> SpecRules.check(serving(stays))).doesNotThrowAnyException();
    refusedServing("\"slo\": {\"latency\": \"soon\"}", "serving.slo.latency: soon");
    refusedServing("\"slo\": {\"latency\": \"0ms\"}", "more than 0, for example 50ms");
    refusedServing("\"slo\": {}", "serving.slo.latency");
    refusedServing(
        "\"slo\": {\"latency\": \"5ms\", \"attainment\": 1}",
        "serving.slo.attainment: 1.0 (expected: more than 0 and less than 1)");
    refusedServing("\"padding\": \"some\"", "serving.padding: some (expected: auto, never or");
    refusedServing("\"priorityLevels\": 65", "serving.priorityLevels: 65 (expected: at most 64)");
    refusedServing("\"queueTimeout\": \"1\"", "serving.queueTimeout: 1");
    refusedServing(
        "\"timeoutAction\": \"wait\"", "serving.timeoutAction: wait (expected: reject or delay)");
    refusedServing("\"instances\": 0", "serving.instances: 0 (expected: auto, or 1 to 64)");
    refusedServing(
        "\"preserveOrdering\": true, \"priorityLevels\": 2",
        "serving.preserveOrdering: true with 2 priorityLevels (expected: 1 level");
  }

  @Test
  void saysWhatIsWrongWithACache() {
    for (var fine :
        List.of(
            new ServingSpec.Cache(null, null),
            new ServingSpec.Cache("1us", "1"),
            new ServingSpec.Cache("168h", "1024Gi"))) {
      assertThatCode(() -> SpecRules.check(serving(ServingSpec.DEFAULT.withCache(fine))))
          .doesNotThrowAnyException();
    }
    refusedServing("\"cache\": {\"ttl\": \"soon\"}", "serving.cache.ttl: soon (expected: a number");
    refusedServing(
        "\"cache\": {\"ttl\": \"0s\"}", "serving.cache.ttl: 0s (expected: more than 0 and at most");
    refusedServing("\"cache\": {\"ttl\": \"169h\"}", "serving.cache.ttl: 169h");
    refusedServing("\"cache\": {\"maxBytes\": \"0\"}", "serving.cache.maxBytes: 0 (expected: more");
    refusedServing(
        "\"cache\": {\"maxBytes\": \"64MB\"}", "serving.cache.maxBytes: 64MB (expected:");
    refusedServing("\"cache\": {\"maxBytes\": \"1025Gi\"}", "serving.cache.maxBytes: 1025Gi");
  }

  private static void refusedServing(String fields, String message) {
    try {
      var spec = ControlJson.strict().readValue("{" + fields + "}", ServingSpec.class);
      refused(serving(spec), message);
    } catch (JsonProcessingException malformed) {
      throw new AssertionError(malformed);
    }
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
