package dev.millrace.runtime.server.artifact;

import java.io.IOException;
import java.io.InputStream;

/** Where bytes of an artifact come from; blocking, safe from many threads. */
@FunctionalInterface
public interface ArtifactSource {
  /**
   * Opens the content of {@code digest}; the caller closes it and trusts nothing about it.
   *
   * @throws IOException when the artifact is not there or the connection breaks
   */
  InputStream open(String digest) throws IOException, InterruptedException;
}
