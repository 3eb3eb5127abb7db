package dev.millrace.protocol.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.api.Test;

class ServingSpecTest {
  @Test
  void readsEveryField() throws Exception {
    var spec =
        read(
            """
            {"timeout": "30s", "maxBatch": 8, "maxDelay": "2ms", "maxQueue": 512,
             "slo": {"latency": "50ms", "attainment": 0.99}, "padding": "never",
             "priorityLevels": 2, "queueTimeout": "100ms", "timeoutAction": "delay",
             "preserveOrdering": true, "instances": 2, "cache": {"ttl": "5m", "maxBytes": "8Mi"},
             "acceptTokenIds": true}
            """);

    assertThat(spec)
        .isEqualTo(
            new ServingSpec(
                "30s",
                8,
                "2ms",
                512,
                null,
                null,
                new ServingSpec.Slo("50ms", 0.99),
                "never",
                2,
                "100ms",
                "delay",
                true,
                2,
                new ServingSpec.Cache("5m", "8Mi"),
                true));
    assertThat(read(ControlJson.strict().writeValueAsString(spec))).isEqualTo(spec);
  }

  @Test
  void aCacheNeedsToSayNothing() throws Exception {
    assertThat(read("{\"cache\": {}}"))
        .isEqualTo(ServingSpec.DEFAULT.withCache(new ServingSpec.Cache(null, null)));
    assertThatThrownBy(() -> read("{\"cache\": {\"size\": \"64Mi\"}}"))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("size");
  }

  @Test
  void autoMeansThePlatformsDefault() throws Exception {
    assertThat(read("{\"maxBatch\": \"auto\", \"instances\": \"auto\"}"))
        .isEqualTo(ServingSpec.DEFAULT);
    assertThat(ControlJson.strict().writeValueAsString(ServingSpec.DEFAULT)).isEqualTo("{}");
  }

  @Test
  void saysWhatACountMayBe() {
    assertThatThrownBy(() -> read("{\"maxBatch\": \"many\"}"))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("expected: auto, or a whole number");
    assertThatThrownBy(() -> read("{\"instances\": 1.5}"))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("expected: auto, or a whole number");
  }

  @Test
  void saysWhetherTokenIdsAreTaken() throws Exception {
    var spec = read("{\"acceptTokenIds\": true}");

    assertThat(spec).isEqualTo(ServingSpec.DEFAULT.withAcceptTokenIds(true));
    assertThat(ControlJson.strict().writeValueAsString(spec))
        .isEqualTo("{\"acceptTokenIds\":true}");
  }

  private static ServingSpec read(String json) throws JsonProcessingException {
    return ControlJson.strict().readValue(json, ServingSpec.class);
  }
}
