package dev.millrace.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdsTest {
  @Test
  void aSaneIdIsTheCallersOwn() {
    assertThat(RequestIds.orNew("Order-7_a.b:2")).isEqualTo("Order-7_a.b:2");
    assertThat(RequestIds.orNew("x".repeat(128))).isEqualTo("x".repeat(128));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "a\nb", "a b", "a/b", "a=b", "é", "\u0000"})
  void anythingElseBecomesANewOne(String given) {
    assertThat(RequestIds.orNew(given)).matches("[0-9a-f]{32}");
  }

  @Test
  void oneThatIsTooLongBecomesANewOne() {
    assertThat(RequestIds.orNew("x".repeat(129))).matches("[0-9a-f]{32}");
  }

  @Test
  void newOnesDiffer() {
    assertThat(RequestIds.orNew(null)).isNotEqualTo(RequestIds.orNew(null));
  }
}
