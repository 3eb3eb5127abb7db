package dev.millrace.protocol.error;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A failure with a code, a sentence for a person and details for a machine. It is raised by core
 * code, mapped to the wire once per server, and raised again by the clients.
 *
 * <p>Immutable and safe to share. It carries no stack trace when made by {@link #of}, since most of
 * them answer bad input on the hot path; a cause brings the trace back.
 */
public final class MillraceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient Map<String, Object> details;
  private final transient @Nullable Duration retryAfter;

  private MillraceException(
      ErrorCode code,
      String message,
      Map<String, Object> details,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(message, cause, false, cause != null || code == ErrorCode.INTERNAL);
    this.code = code;
    this.details = details;
    this.retryAfter = retryAfter;
  }

  /**
   * A failure with a message that names the culprit and what was expected.
   *
   * @param message one sentence, shown to users as it is
   */
  public static MillraceException of(ErrorCode code, String message) {
    return new MillraceException(code, message, Map.of(), null, null);
  }

  /** Like {@link #of(ErrorCode, String)}, formatted by {@link String#format}. */
  public static MillraceException of(ErrorCode code, String format, @Nullable Object... arguments) {
    return of(code, String.format(java.util.Locale.ROOT, format, arguments));
  }

  /** The same failure with the exception that led to it. */
  public MillraceException withCause(Throwable cause) {
    return new MillraceException(code, message(), details, retryAfter, cause);
  }

  /** The same failure with one more detail; values are strings, numbers, booleans or lists. */
  public MillraceException withDetail(String key, Object value) {
    var more = new LinkedHashMap<>(details);
    more.put(key, value);
    return new MillraceException(code, message(), Map.copyOf(more), retryAfter, getCause());
  }

  /** The same failure with a pause after which a repeat is worth it. */
  public MillraceException withRetryAfter(Duration pause) {
    return new MillraceException(code, message(), details, pause, getCause());
  }

  /** What kind of failure this is. */
  public ErrorCode code() {
    return code;
  }

  /** The sentence for a person; never null. */
  public String message() {
    var message = getMessage();
    return message == null ? code.name() : message;
  }

  /** What a machine may want to know; immutable, possibly empty. */
  public Map<String, Object> details() {
    return details;
  }

  /** How long to wait before a repeat, if known. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
