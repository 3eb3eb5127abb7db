package dev.millrace.runtime.engine;

/**
 * A file cannot become a session. The message is ONNX Runtime's own reason without the paths of
 * this machine, or names what the platform cannot serve; fit to be shown to users.
 */
public final class ModelLoadException extends Exception {
  private static final long serialVersionUID = 1L;

  ModelLoadException(String message) {
    super(message, null, false, false);
  }

  ModelLoadException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The reason; never null. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
