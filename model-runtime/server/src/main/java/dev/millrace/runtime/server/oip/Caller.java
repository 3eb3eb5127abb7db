package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import org.jspecify.annotations.Nullable;

/**
 * For whom a call is made, as far as the queue must know.
 *
 * @param priority 1 is served first, 0 is the endpoint's default level
 * @param project whose share of the compute it takes; empty when nobody says
 */
public record Caller(int priority, String project) {
  /** Nobody in particular. */
  public static final Caller UNKNOWN = new Caller(0, "");

  /**
   * Reads the headers {@code millrace-priority} and {@code millrace-internal-project}.
   *
   * @throws MillraceException INVALID_ARGUMENT when the priority is no whole number from 0
   */
  public static Caller of(@Nullable String priority, @Nullable String project) {
    if (priority == null && project == null) {
      return UNKNOWN;
    }
    return new Caller(priority == null ? 0 : priority(priority), project == null ? "" : project);
  }

  private static int priority(String text) {
    try {
      int value = Integer.parseInt(text.strip());
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      // Answered below, as a negative one.
    }
    throw MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "header '%s': '%s' (expected: 0 for the default level, or 1 for the highest and more)",
        MillraceHeaders.PRIORITY,
        text);
  }
}
