package dev.millrace.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.MillraceException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallTimeoutTest {
  @Test
  void readsAllForms() {
    assertThat(CallTimeout.ofHeader("250")).hasValue(Duration.ofMillis(250));
    assertThat(CallTimeout.ofGrpc("10S")).hasValue(Duration.ofSeconds(10));
    assertThat(CallTimeout.ofGrpc("99999999u")).hasValue(Duration.ofNanos(99_999_999_000L));
    assertThat(CallTimeout.ofServing("2ms")).hasValue(Duration.ofMillis(2));
    assertThat(CallTimeout.ofServing("30s")).hasValue(Duration.ofSeconds(30));
    assertThat(CallTimeout.ofServing("a while")).isEmpty();
    assertThat(CallTimeout.ofHeader(null)).isEmpty();
    assertThat(CallTimeout.toGrpc(Duration.ofSeconds(2))).isEqualTo("2000m");
    assertThat(CallTimeout.toGrpc(Duration.ofDays(2))).isEqualTo("172800S");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "x", "", "9999999999999"})
  void refusesOtherHeaders(String value) {
    assertThatThrownBy(() -> CallTimeout.ofHeader(value))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("millrace-timeout");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "S", "5", "5x", "123456789S"})
  void refusesOtherGrpcTimeouts(String value) {
    assertThatThrownBy(() -> CallTimeout.ofGrpc(value)).isInstanceOf(MillraceException.class);
  }
}
