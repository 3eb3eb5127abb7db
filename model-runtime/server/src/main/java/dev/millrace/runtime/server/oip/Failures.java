package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.batching.BatchRejectedException;
import dev.millrace.runtime.batching.BatchStage;
import dev.millrace.runtime.engine.ModelExecutionException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;

/** Everything that can go wrong behind a handler, as one of the closed set of failures. */
final class Failures {
  private static final Logger LOG = Logger.getLogger(Failures.class);

  /** A full queue of short executions has room again soon. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  private Failures() {}

  /**
   * The failure to answer with.
   *
   * @param requestId logged with what nobody expected
   */
  static MillraceException of(Throwable thrown, String requestId) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case MillraceException known -> known;
      case BatchRejectedException rejected -> rejected(rejected);
      case ModelExecutionException failed -> failed.toMillraceException();
      default -> {
        LOG.errorf(cause, "requestId=%s: unexpected failure", requestId);
        yield MillraceException.of(
            ErrorCode.INTERNAL,
            "the call failed inside the runtime; quote request id " + requestId);
      }
    };
  }

  private static String late(BatchStage stage) {
    return switch (stage) {
      case ADMISSION -> "the call cannot be answered before its deadline: too much work is ahead";
      case QUEUE -> "the deadline or queue timeout passed while the call waited";
      case EXECUTION -> "the deadline passed while the model was computing";
    };
  }

  private static MillraceException rejected(BatchRejectedException rejected) {
    String stage = rejected.stage().name().toLowerCase(Locale.ROOT);
    return switch (rejected.reason()) {
      case QUEUE_FULL ->
          MillraceException.of(
                  ErrorCode.OVERLOADED, "the model's queue is full; try again after a pause")
              .withDetail("reason", "queue_full")
              .withRetryAfter(RETRY);
      case CLOSED ->
          MillraceException.of(ErrorCode.OVERLOADED, "the model is being unloaded here; try again")
              .withDetail("reason", "draining")
              .withRetryAfter(RETRY);
      case DEADLINE_EXCEEDED ->
          MillraceException.of(ErrorCode.DEADLINE_EXCEEDED, late(rejected.stage()))
              .withDetail("stage", stage);
      case CANCELLED ->
          MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away")
              .withDetail("stage", stage);
    };
  }
}
