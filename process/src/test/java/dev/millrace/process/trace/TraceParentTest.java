package dev.millrace.process.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
  private static final String SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @Test
  void readsTraceSpanAndFlag() {
    var parent = TraceParent.parse(SAMPLED);

    assertThat(parent.getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    assertThat(parent.getSpanId()).isEqualTo("b7ad6b7169203331");
    assertThat(parent.isSampled()).isTrue();
    assertThat(parent.isRemote()).isTrue();
    assertThat(TraceParent.of(parent)).isEqualTo(SAMPLED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SAMPLED,
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes-later"
      })
  void knowsWhatIsSampled(String header) {
    assertThat(TraceParent.isSampled(header)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02"
      })
  void knowsWhatIsNotSampled(String header) {
    assertThat(TraceParent.isValid(header)).isTrue();
    assertThat(TraceParent.isSampled(header)).isFalse();
    assertThat(TraceParent.parse(header).isSampled()).isFalse();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more"
      })
  void knowsWhatIsNoTrace(String header) {
    assertThat(TraceParent.isValid(header)).isFalse();
    assertThat(TraceParent.isSampled(header)).isFalse();
    assertThat(TraceParent.parse(header).isValid()).isFalse();
  }
}
