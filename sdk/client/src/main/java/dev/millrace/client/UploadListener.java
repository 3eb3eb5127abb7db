package dev.millrace.client;

/**
 * Watches an upload. Called from the client's own threads, one call at a time, in order; must be
 * quick and must not throw.
 */
@FunctionalInterface
public interface UploadListener {
  /** Watches nothing. */
  UploadListener NONE = (phase, done, total) -> {};

  /** Where an upload is. */
  enum Phase {
    /** Reading the file once to know its digest. */
    HASHING,
    /** Sending it. */
    SENDING
  }

  /**
   * Some more bytes are done.
   *
   * @param done bytes done in this phase so far
   * @param total bytes of the file
   */
  void progress(Phase phase, long done, long total);
}
