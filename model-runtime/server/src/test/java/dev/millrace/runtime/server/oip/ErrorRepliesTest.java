package dev.millrace.runtime.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorRepliesTest {
  @ParameterizedTest
  @EnumSource(names = {"RATE_LIMITED", "QUOTA_EXCEEDED"})
  void aLimitSaysWhenToComeAgainOnEveryRoute(ErrorCode code) {
    var over = MillraceException.of(code, "over").withRetryAfter(Duration.ofMillis(1_001));
    var oip = ErrorReplies.on("/v2/models/m/infer", over, "id");
    assertThat(oip.status()).isEqualTo(429);
    assertThat(oip.headers())
        .containsEntry("retry-after", "2")
        .containsEntry("millrace-request-id", "id");

    var openAi = ErrorReplies.on("/v1/embeddings", MillraceException.of(code, "over"), "id");
    assertThat(openAi.status()).isEqualTo(429);
    assertThat(openAi.headers())
        .containsEntry("retry-after", "1")
        .containsEntry("x-should-retry", "true")
        .containsEntry("x-request-id", "id");
  }
}
