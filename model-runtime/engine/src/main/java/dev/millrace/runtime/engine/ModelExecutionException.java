package dev.millrace.runtime.engine;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;

/**
 * A loaded model failed on given inputs. The message is ONNX Runtime's own reason without the paths
 * of this machine; fit to be shown to users.
 */
public final class ModelExecutionException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whose fault it is. */
  public enum Kind {
    /** The values of the inputs, for example a token id out of range. */
    INVALID_INPUT,
    /** The model or the runtime. */
    FAILED,
    /** The model has been closed. */
    CLOSED,
    /** Nobody waits for the answer any more; see {@link RunHandle}. */
    CANCELLED
  }

  private final Kind kind;

  ModelExecutionException(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  /** Whose fault it is. */
  public Kind kind() {
    return kind;
  }

  /** The same failure as callers see it, with {@code details.stage=execution}. */
  public MillraceException toMillraceException() {
    ErrorCode code =
        switch (kind) {
          case INVALID_INPUT -> ErrorCode.INVALID_ARGUMENT;
          case FAILED -> ErrorCode.MODEL_EXECUTION_FAILED;
          case CLOSED -> ErrorCode.MODEL_NOT_READY;
          case CANCELLED -> ErrorCode.CLIENT_CLOSED;
        };
    return MillraceException.of(code, String.valueOf(getMessage()))
        .withDetail("stage", "execution");
  }
}
