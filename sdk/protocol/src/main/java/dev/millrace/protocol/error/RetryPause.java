package dev.millrace.protocol.error;

import java.time.Duration;
import java.util.Optional;

/** When a refused call may come again, as the wire says it; stateless. */
public final class RetryPause {
  /** Where a limit does not say when it lets calls pass again. */
  private static final Duration UNKNOWN = Duration.ofSeconds(1);

  private RetryPause() {}

  /** The failure's own pause. One over a limit always has one. */
  public static Optional<Duration> of(MillraceException failure) {
    return failure.retryAfter().or(() -> whenUnknown(failure.code()));
  }

  /** The value of {@code Retry-After}: whole seconds, rounded up, at least 1. */
  public static Optional<String> header(MillraceException failure) {
    return of(failure)
        .map(pause -> Long.toString(Math.max(1, pause.plusNanos(999_999_999).toSeconds())));
  }

  private static Optional<Duration> whenUnknown(ErrorCode code) {
    return switch (code) {
      case RATE_LIMITED, QUOTA_EXCEEDED -> Optional.of(UNKNOWN);
      default -> Optional.empty();
    };
  }
}
