package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.server.replica.VersionBreaker.Pass;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class VersionBreakerTest {
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private long now = 1_000;
  private final VersionBreaker breaker =
      new VersionBreaker(new VersionKey("p", "m", 3), PAUSE, () -> now);

  @Test
  void aVersionWhoseRunsKeepFailingIsTakenOutOfService() {
    trip();

    assertThat(breaker.isOpen()).isTrue();
    assertThat(breaker.outOfService())
        .contains("its runs keep failing, the last one with: node 7 failed");
    now += Duration.ofSeconds(2).toNanos();
    assertThatThrownBy(breaker::admit)
        .isInstanceOfSatisfying(
            MillraceException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
              assertThat(refusal.message())
                  .isEqualTo(
                      "version 3 of model 'm' is out of service: its runs keep failing, the last"
                          + " one with: node 7 failed");
              assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(3));
            });
  }

  @Test
  void someFailuresAmongSuccessesTripNothing() {
    for (int i = 0; i < 100; i++) {
      if (i % 2 == 0) {
        breaker.succeeded(1_000);
      } else {
        breaker.failed(new IllegalStateException("odd"));
      }
    }

    assertThat(breaker.admit()).isEqualTo(Pass.NORMAL);
    assertThat(breaker.outOfService()).isEmpty();
  }

  @Test
  void aLongGoodTimeIsNeitherCreditNorForgottenAfterFailures() {
    times(1_000, () -> breaker.succeeded(1_000));
    times(10, () -> breaker.failed(new IllegalStateException("odd")));
    times(20, () -> breaker.succeeded(1_000));
    times(15, () -> breaker.failed(new IllegalStateException("odd")));
    assertThat(breaker.isOpen()).as("15 of the last 20").isFalse();

    breaker.failed(new IllegalStateException("odd"));
    assertThat(breaker.isOpen()).as("16 of the last 20").isTrue();
  }

  private static void times(int count, Runnable run) {
    for (int i = 0; i < count; i++) {
      run.run();
    }
  }

  @Test
  void afterThePauseOneRealCallTriesAndBringsItBack() {
    trip();
    now += PAUSE.toNanos();

    assertThat(breaker.outOfService()).as("calls may come again").isEmpty();
    assertThat(breaker.admit()).isEqualTo(Pass.TRIAL);
    assertThatThrownBy(breaker::admit).isInstanceOf(MillraceException.class);
    breaker.succeeded(1_000);

    assertThat(breaker.admit()).isEqualTo(Pass.NORMAL);
  }

  @Test
  void aTrialThatFailsBeginsThePauseAnew() {
    trip();
    now += PAUSE.toNanos();
    breaker.admit();
    breaker.failed(new IllegalStateException("again"));

    assertThat(breaker.outOfService()).hasValueSatisfying(it -> assertThat(it).endsWith("again"));
    now += PAUSE.toNanos() - 1;
    assertThatThrownBy(breaker::admit).isInstanceOf(MillraceException.class);
    now++;
    assertThat(breaker.admit()).isEqualTo(Pass.TRIAL);
  }

  @Test
  void aTrialThatShowedNothingLetsTheNextOneTry() {
    trip();
    now += PAUSE.toNanos();
    breaker.admit();
    breaker.abandoned();

    assertThat(breaker.admit()).isEqualTo(Pass.TRIAL);
  }

  private void trip() {
    for (int i = 0; i < 20; i++) {
      assertThat(breaker.isOpen()).isEqualTo(i >= 10);
      if (i < 10) {
        breaker.failed(new IllegalStateException("node 7 failed"));
      }
    }
  }
}
