package dev.millrace.cli.maven;

/** Watches a download; called from the downloading thread, must be quick and must not throw. */
@FunctionalInterface
public interface DownloadListener {
  /** Watches nothing. */
  DownloadListener SILENT = (done, total) -> {};

  /**
   * Some more bytes have come.
   *
   * @param total -1 when the server did not say
   */
  void progress(long done, long total);
}
