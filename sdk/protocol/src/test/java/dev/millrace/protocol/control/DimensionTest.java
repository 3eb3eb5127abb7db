package dev.millrace.protocol.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class DimensionTest {
  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "?", "-1", "None"})
  void whatExportersWriteForNoNameIsNone(String name) {
    assertThat(Dimension.named(name)).isEqualTo(Dimension.free());
  }

  @Test
  void aNameIsKept() {
    assertThat(Dimension.named("batch_size")).isEqualTo(Dimension.symbolic("batch_size"));
  }
}
