package dev.millrace.cli;

import dev.millrace.client.Millrace;
import dev.millrace.protocol.error.MillraceException;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Shows a failure as one sentence and the next step, and chooses the exit code. Stack traces only
 * with {@code MILLRACE_DEBUG=1}.
 */
final class FailureReporter implements IExecutionExceptionHandler {
  private final Terminal terminal;

  FailureReporter(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    if (terminal.variable("MILLRACE_DEBUG").isPresent()) {
      failure.printStackTrace(terminal.err());
    }
    if (failure instanceof MillraceException known) {
      say(known.message());
      nextStep(known).ifPresent(step -> terminal.err().println("  " + step));
      return ExitCode.of(known);
    }
    String message = failure.getMessage();
    say(message == null ? failure.getClass().getSimpleName() : message);
    terminal.err().println("  This is unexpected; MILLRACE_DEBUG=1 shows where it happened.");
    return ExitCode.FAILURE;
  }

  private void say(String message) {
    terminal.err().println(terminal.bad("millrace:") + " " + message);
  }

  private static Optional<String> nextStep(MillraceException failure) {
    if (ExitCode.unreachable(failure)) {
      return Optional.of(
          "Start a platform with './millrace serve', or say where one runs with --url or --port.");
    }
    Object requestId = failure.details().get(Millrace.REQUEST_ID_DETAIL);
    return switch (failure.code()) {
      case UNAUTHENTICATED ->
          Optional.of(
              "Give a key with --key or MILLRACE_API_KEY; the first one is in <data>/admin.key"
                  + " where the platform runs.");
      case PERMISSION_DENIED -> Optional.of("Use a key that may do this.");
      case NOT_FOUND ->
          Optional.of("'./millrace endpoints' and './millrace models' list what is there.");
      case MODEL_NOT_READY -> Optional.of("'./millrace status NAME' says what it waits for.");
      case STALE_REVISION -> Optional.of("Somebody changed it meanwhile; run the command again.");
      case OVERLOADED, RATE_LIMITED, QUOTA_EXCEEDED ->
          Optional.of(
              failure
                  .retryAfter()
                  .map(
                      pause ->
                          String.format(
                              Locale.ROOT, "Try again in %d s.", Math.max(1, pause.toSeconds())))
                  .orElse("Try again in a moment."));
      case DEADLINE_EXCEEDED -> Optional.of("Allow more time with --timeout, or try again.");
      case INTERNAL, MODEL_EXECUTION_FAILED ->
          requestId == null
              ? Optional.empty()
              : Optional.of("The server's log has more under request id " + requestId + ".");
      default -> Optional.empty();
    };
  }
}
