package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.batching.Ticker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes a version out of service whose runs keep failing, and not because of what callers sent:
 * when four of five of the last twenty runs failed, calls are refused at once for a while. Then one
 * real call tries; if its run goes well the version is back, if not the while begins again.
 *
 * <p>What counts is a run: one that succeeded, or one that failed for a single request. A batch
 * that fails as a whole is split and tried again, so a bad row among good ones trips nothing. Runs
 * that failed by their input, were stopped, or met an unloaded model do not count. Thread-safe.
 */
final class VersionBreaker {
  private static final int WINDOW = 20;
  private static final int FEWEST_RUNS = 10;
  private static final float FAILURE_PERCENT = 80;

  private final VersionKey version;
  private final Duration pause;
  private final Ticker ticker;
  private final CircuitBreaker breaker;
  private volatile String lastFailure = "";
  private volatile long openUntil;
  private final AtomicInteger successesInARow = new AtomicInteger();

  /**
   * A closed breaker.
   *
   * @param pause how long a version is out of service before a call may try it
   */
  VersionBreaker(VersionKey version, Duration pause, Ticker ticker) {
    this.version = version;
    this.pause = pause;
    this.ticker = ticker;
    this.breaker =
        CircuitBreaker.of(
            version.toString(),
            CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(WINDOW)
                .minimumNumberOfCalls(FEWEST_RUNS)
                .failureRateThreshold(FAILURE_PERCENT)
                .permittedNumberOfCallsInHalfOpenState(1)
                // Time is ours, see admit(): the breaker itself would never try again.
                .waitDurationInOpenState(Duration.ofDays(1))
                .build());
  }

  /** Whether a call that was let in is one on trial; then its end must be told. */
  enum Pass {
    NORMAL,
    TRIAL
  }

  /**
   * Lets a call in, or refuses it at once.
   *
   * @throws MillraceException MODEL_NOT_READY with the reason and when to try again
   */
  Pass admit() {
    State state = breaker.getState();
    if (state == State.CLOSED) {
      return Pass.NORMAL;
    }
    if (state == State.OPEN && ticker.nanoTime() - openUntil >= 0) {
      toTrial();
    }
    if (breaker.tryAcquirePermission()) {
      return breaker.getState() == State.CLOSED ? Pass.NORMAL : Pass.TRIAL;
    }
    long left = Math.max(TimeUnit.MILLISECONDS.toNanos(1), openUntil - ticker.nanoTime());
    throw MillraceException.of(
            ErrorCode.MODEL_NOT_READY,
            "version %d of model '%s' is out of service: %s",
            version.version(),
            version.model(),
            reason())
        .withDetail("reason", "runs_failing")
        .withRetryAfter(Duration.ofNanos(left));
  }

  private synchronized void toTrial() {
    if (breaker.getState() == State.OPEN) {
      breaker.transitionToHalfOpenState();
    }
  }

  /** A call on trial ended without a run that counts: the next one may try. */
  void abandoned() {
    breaker.releasePermission();
  }

  /** A run went well. */
  void succeeded(long nanos) {
    // A window of successes alone is not changed by one more: that is nearly every run.
    if (successesInARow.get() < WINDOW) {
      breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
      successesInARow.incrementAndGet();
    }
  }

  /** A run failed, and not by its input. */
  synchronized void failed(Exception failure) {
    successesInARow.set(0);
    lastFailure = String.valueOf(failure.getMessage());
    openUntil = ticker.nanoTime() + pause.toNanos();
    breaker.onError(0, TimeUnit.NANOSECONDS, failure);
  }

  /** Whether runs keep failing just now: then trying again is in vain. */
  boolean isOpen() {
    return breaker.getState() == State.OPEN;
  }

  /** Why calls are refused; empty while they are let in, if only one on trial. */
  Optional<String> outOfService() {
    return isOpen() && ticker.nanoTime() - openUntil < 0 ? Optional.of(reason()) : Optional.empty();
  }

  private String reason() {
    return "its runs keep failing, the last one with: " + lastFailure;
  }
}
