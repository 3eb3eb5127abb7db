package dev.millrace.runtime.server.replica;

/** Carries the reason why a version could not be loaded from a worker to the control thread. */
final class LoadFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LoadFailedException(String reason) {
    super(reason, null, false, false);
  }
}
