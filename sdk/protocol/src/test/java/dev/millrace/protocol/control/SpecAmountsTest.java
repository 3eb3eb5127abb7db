package dev.millrace.protocol.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SpecAmountsTest {
  @Test
  void readsTimesInEveryUnit() {
    assertThat(SpecAmounts.duration("500us")).contains(Duration.ofNanos(500_000));
    assertThat(SpecAmounts.duration("2ms")).contains(Duration.ofMillis(2));
    assertThat(SpecAmounts.duration("60s")).contains(Duration.ofSeconds(60));
    assertThat(SpecAmounts.duration("5m")).contains(Duration.ofMinutes(5));
    assertThat(SpecAmounts.duration("999999999h")).contains(Duration.ofHours(999_999_999));
  }

  @Test
  void readsSizesInEveryUnit() {
    assertThat(SpecAmounts.bytes("4096")).hasValue(4_096);
    assertThat(SpecAmounts.bytes("3Ki")).hasValue(3_072);
    assertThat(SpecAmounts.bytes("64Mi")).hasValue(67_108_864);
    assertThat(SpecAmounts.bytes("999999999Gi")).hasValue(999_999_999L << 30);
  }

  @Test
  void whatIsSomethingElseIsNothing() {
    for (String text : new String[] {"", "soon", "1", "-1s", "1 s", "1d", "9999999999s"}) {
      assertThat(SpecAmounts.duration(text)).as(text).isEmpty();
    }
    for (String text : new String[] {"", "much", "-1", "64 Mi", "64MB", "64mi", "9999999999"}) {
      assertThat(SpecAmounts.bytes(text)).as(text).isEmpty();
    }
  }
}
