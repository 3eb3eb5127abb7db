package dev.millrace.process.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnknownKeysTest {
  private static final ConfigKeys GATEWAY =
      new ConfigKeys(
          Set.of("millrace.gateway"),
          Map.of("millrace.gateway.auth", "", "millrace.gateway.access-log", ""));
  private static final ConfigKeys SHARED =
      new ConfigKeys(Set.of(), Map.of("millrace.data", "", "millrace.registry.url", ""));

  private final UnknownKeys gateway = new UnknownKeys(List.of(GATEWAY, SHARED));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "millrace.gateway.auth",
        "%dev.millrace.gateway.auth",
        "millrace.registry.url",
        "millrace.data",
        "quarkus.http.port",
        "millrace"
      })
  void letsKnownKeysPass(String key) {
    assertThat(gateway.isUnknown(key)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "millrace.gateway.acess-log, millrace.gateway.access-log",
    "millrace.gatway.auth, millrace.gateway.auth",
    "%prod.millrace.gateway.auht, millrace.gateway.auth",
    "millrace.dat, millrace.data"
  })
  void namesTheNearestKeyOfAMistake(String key, String nearest) {
    assertThat(gateway.isUnknown(key)).isTrue();
    assertThat(gateway.describe(key)).startsWith(key + ": unknown key").endsWith(nearest + ")");
  }

  @Test
  void leavesOtherServersSectionsToThem() {
    assertThat(gateway.isUnknown("millrace.runtime.pool")).isFalse();
    assertThat(gateway.isUnknown("millrace.registry.member-tll")).isFalse();

    var together =
        new UnknownKeys(
            List.of(
                GATEWAY,
                new ConfigKeys(
                    Set.of("millrace.runtime"), Map.of("millrace.runtime.pool", "cpu"))));
    assertThat(together.isUnknown("millrace.runtime.pool")).isFalse();
    assertThat(together.isUnknown("millrace.runtime.poool")).isTrue();
    assertThat(together.isUnknown("millrace.gateway.auth")).isFalse();
  }

  @Test
  void takesAnyKeyBelowAnOpenOne() {
    var open =
        new UnknownKeys(
            List.of(new ConfigKeys(Set.of("millrace.a"), Map.of("millrace.a.options.*", ""))));
    assertThat(open.isUnknown("millrace.a.options.device")).isFalse();
    assertThat(open.isUnknown("millrace.a.option.device")).isTrue();
  }

  @Test
  void guessesWhatAVariableWasMeantToBe() {
    assertThat(gateway.meantBy("MILLRACE_GATEWAY_ACESS_LOG"))
        .hasValue("MILLRACE_GATEWAY_ACCESS_LOG");
    assertThat(gateway.meantBy("MILLRACE_GATEWAY_ACCESS_LOG")).isEmpty();
    assertThat(gateway.meantBy("MILLRACE_GATEWAY_SERVICE_HOST")).isEmpty();
    assertThat(gateway.meantBy("PATH")).isEmpty();
  }
}
