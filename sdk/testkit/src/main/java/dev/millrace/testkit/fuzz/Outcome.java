package dev.millrace.testkit.fuzz;

import java.util.Set;

/**
 * How a call ended.
 *
 * @param code {@code OK} or the name of an error code; in capitals
 * @param problem what the server did wrong; empty when nothing
 */
record Outcome(String code, String problem) {
  /** What no request may bring about. */
  private static final Set<String> FORBIDDEN =
      Set.of(
          "INTERNAL",
          "MODEL_EXECUTION_FAILED",
          "UNAUTHENTICATED",
          "PERMISSION_DENIED",
          "OVERLOADED",
          "MODEL_NOT_READY",
          "INSUFFICIENT_MEMORY");

  static Outcome of(String code) {
    return FORBIDDEN.contains(code) ? new Outcome(code, "answered " + code) : new Outcome(code, "");
  }

  static Outcome wrong(String problem) {
    return new Outcome("WRONG", problem);
  }
}
