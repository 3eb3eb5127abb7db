package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.http.RequestIds;
import dev.millrace.protocol.internal.VersionKey;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a call carries besides its message.
 *
 * @param requestId under which the call is logged and answered; never empty
 * @param target the version that shall answer; null on calls that address no version
 * @param endpoint the endpoint the caller addressed; empty when the message or path names it
 * @param deadlineNanos on {@link System#nanoTime()}; {@link #NO_DEADLINE} when the caller has none
 *     and the version's default counts
 * @param caller for whom it is made
 * @param traceparent the span around the call as the header says it; null when absent
 * @param cancellation tells that the client went away
 * @param coldNanos how long the call waited for its version to be loaded; 0 when it was
 */
public record CallContext(
    String requestId,
    @Nullable VersionKey target,
    String endpoint,
    long deadlineNanos,
    Caller caller,
    @Nullable String traceparent,
    Cancellation cancellation,
    long coldNanos) {

  /** A call whose version is there. */
  public CallContext(
      String requestId,
      @Nullable VersionKey target,
      String endpoint,
      long deadlineNanos,
      Caller caller,
      @Nullable String traceparent,
      Cancellation cancellation) {
    this(requestId, target, endpoint, deadlineNanos, caller, traceparent, cancellation, 0);
  }

  /** The caller names no deadline. */
  public static final long NO_DEADLINE = Long.MAX_VALUE;

  private static final long LONGEST_TIMEOUT_MILLIS = Duration.ofDays(1).toMillis();

  /**
   * Reads the context from headers or gRPC metadata.
   *
   * @param header the value of a lower-case name; null when absent
   * @param arrivalNanos {@link System#nanoTime()} when the call arrived
   * @throws MillraceException INVALID_ARGUMENT when a header is malformed
   */
  public static CallContext read(
      Function<String, @Nullable String> header, long arrivalNanos, Cancellation cancellation) {
    String endpoint = header.apply(MillraceHeaders.INTERNAL_ENDPOINT);
    return new CallContext(
        RequestIds.orNew(header.apply(MillraceHeaders.REQUEST_ID)),
        target(header.apply(MillraceHeaders.INTERNAL_TARGET)),
        endpoint == null ? "" : endpoint,
        deadline(header.apply(MillraceHeaders.TIMEOUT), arrivalNanos),
        Caller.of(
            header.apply(MillraceHeaders.PRIORITY), header.apply(MillraceHeaders.INTERNAL_PROJECT)),
        header.apply(MillraceHeaders.TRACEPARENT),
        cancellation);
  }

  /** The same call with an earlier deadline; a later one changes nothing. */
  public CallContext before(long deadline) {
    long earlier = deadlineBefore(deadline);
    return earlier == deadlineNanos ? this : with(earlier, coldNanos);
  }

  /** The earlier one of the call's own deadline and {@code deadline}. */
  long deadlineBefore(long deadline) {
    boolean earlier =
        deadlineNanos == NO_DEADLINE || (deadline != NO_DEADLINE && deadline - deadlineNanos < 0);
    return earlier ? deadline : deadlineNanos;
  }

  /** The same call after it waited so long for its version to be loaded. */
  CallContext coldStart(long waitedNanos) {
    return with(deadlineNanos, waitedNanos);
  }

  private CallContext with(long deadline, long cold) {
    return new CallContext(
        requestId, target, endpoint, deadline, caller, traceparent, cancellation, cold);
  }

  /**
   * The version that shall answer.
   *
   * @throws MillraceException INVALID_ARGUMENT when the call names none
   */
  VersionKey requireTarget() {
    if (target == null) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "header '%s' is missing (expected: project/model/version)",
          MillraceHeaders.INTERNAL_TARGET);
    }
    return target;
  }

  private static @Nullable VersionKey target(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return VersionKey.parse(text);
    } catch (IllegalArgumentException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "header '%s': %s",
          MillraceHeaders.INTERNAL_TARGET,
          String.valueOf(malformed.getMessage()));
    }
  }

  private static long deadline(@Nullable String millis, long arrivalNanos) {
    if (millis == null) {
      return NO_DEADLINE;
    }
    long value;
    try {
      value = Long.parseLong(millis.strip());
    } catch (NumberFormatException notANumber) {
      value = -1;
    }
    if (value < 1) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "header '%s': '%s' (expected: milliseconds, a whole number of at least 1)",
          MillraceHeaders.TIMEOUT,
          millis);
    }
    return arrivalNanos + Duration.ofMillis(Math.min(value, LONGEST_TIMEOUT_MILLIS)).toNanos();
  }
}
