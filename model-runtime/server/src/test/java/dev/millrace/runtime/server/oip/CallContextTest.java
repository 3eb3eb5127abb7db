package dev.millrace.runtime.server.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallContextTest {
  private static CallContext read(Map<String, String> headers) {
    return CallContext.read(headers::get, 1_000, new Cancellation());
  }

  @Test
  void readsWhatTheGatewaySays() {
    var context =
        read(
            Map.of(
                "millrace-internal-target", "default/minilm/4",
                "millrace-internal-endpoint", "search",
                "millrace-timeout", "250",
                "millrace-request-id", "abc-1"));

    assertThat(context.target()).isEqualTo(new VersionKey("default", "minilm", 4));
    assertThat(context.endpoint()).isEqualTo("search");
    assertThat(context.deadlineNanos()).isEqualTo(250_001_000L);
    assertThat(context.requestId()).isEqualTo("abc-1");
  }

  @Test
  void absentHeadersMeanDefaults() {
    var context = read(Map.of());

    assertThat(context.target()).isNull();
    assertThat(context.deadlineNanos()).isEqualTo(CallContext.NO_DEADLINE);
    assertThat(context.requestId()).matches("[0-9a-f]{32}");
  }

  @Test
  void requestIdsThatCouldForgeALogLineAreReplaced() {
    assertThat(read(Map.of("millrace-request-id", "a\nb")).requestId()).matches("[0-9a-f]{32}");
  }

  @Test
  void malformedHeadersNameThemselves() {
    assertThatThrownBy(() -> read(Map.of("millrace-timeout", "soon")))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("millrace-timeout");
    assertThatThrownBy(() -> read(Map.of("millrace-timeout", "0")))
        .hasMessageContaining("at least 1");
    assertThatThrownBy(() -> read(Map.of("millrace-internal-target", "x")))
        .hasMessageContaining("project/model/version");
  }

  @Test
  void theEarlierDeadlineWins() {
    var context = read(Map.of("millrace-timeout", "1"));

    assertThat(context.before(5_000).deadlineNanos()).isEqualTo(5_000);
    assertThat(context.before(Long.MAX_VALUE)).isSameAs(context);
    assertThat(context.before(2_000_000_000)).isSameAs(context);
    assertThat(read(Map.of()).before(7).deadlineNanos()).isEqualTo(7);
  }

  @Test
  void cancellingRunsEveryHookOnceAndLateOnesAtOnce() {
    var cancellation = new Cancellation();
    var runs = new AtomicInteger();
    cancellation.onCancel(runs::incrementAndGet);
    cancellation.onCancel(runs::incrementAndGet);

    cancellation.cancel();
    cancellation.cancel();
    assertThat(runs).hasValue(2);

    cancellation.onCancel(runs::incrementAndGet);
    assertThat(runs).hasValue(3);
    assertThat(cancellation.isCancelled()).isTrue();
  }
}
