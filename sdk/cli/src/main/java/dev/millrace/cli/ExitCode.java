package dev.millrace.cli;

import dev.millrace.client.Millrace;
import dev.millrace.protocol.error.MillraceException;

/** What the process's exit status tells a script. Part of the command's contract. */
public final class ExitCode {
  /** It worked. */
  public static final int OK = 0;

  /** It failed, for another reason than those below. */
  public static final int FAILURE = 1;

  /** The command line is wrong; nothing was done. */
  public static final int USAGE = 2;

  /** No such model, version, endpoint or file. */
  public static final int NOT_FOUND = 3;

  /** No key, an unknown key, or one without the grant. */
  public static final int DENIED = 4;

  /** Not reachable, not ready, overloaded, or too late: trying again can help. */
  public static final int NOT_READY = 5;

  private ExitCode() {}

  /** The status of a command that ended with {@code failure}. */
  public static int of(MillraceException failure) {
    return switch (failure.code()) {
      case NOT_FOUND -> NOT_FOUND;
      case UNAUTHENTICATED, PERMISSION_DENIED -> DENIED;
      case OVERLOADED,
          MODEL_NOT_READY,
          DEADLINE_EXCEEDED,
          RATE_LIMITED,
          QUOTA_EXCEEDED,
          INSUFFICIENT_MEMORY ->
          NOT_READY;
      default -> FAILURE;
    };
  }

  /** Whether no connection was made at all. */
  static boolean unreachable(MillraceException failure) {
    return "connect".equals(failure.details().get(Millrace.STAGE_DETAIL));
  }
}
