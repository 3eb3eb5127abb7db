package dev.millrace.registry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.MillraceException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameRuleTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "iris", "all-minilm-l6-v2", "a.b_c-d", "x1"})
  void takes(String name) {
    assertThat(NameRule.check("model", name)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "A", "-a", "a-", ".a", "a.", "a..b", "a/b", "../a", "a b", "é", "a\u0000", "a:b",
        "a%2fb"
      })
  void refuses(String name) {
    assertThatThrownBy(() -> NameRule.check("model", name))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("model name '")
        .hasMessageContaining("expected: 1-64 characters");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 64})
  void takesUpTo64Characters(int length) {
    NameRule.check("model", "a".repeat(length));
    assertThatThrownBy(() -> NameRule.check("model", "a".repeat(65)))
        .isInstanceOf(MillraceException.class);
  }
}
