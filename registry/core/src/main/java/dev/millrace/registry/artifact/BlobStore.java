package dev.millrace.registry.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/**
 * Durable files, named by the SHA-256 of their content.
 *
 * <p>A blob is either wholly there or not there: a crash at any moment leaves no partial one under
 * its digest. What {@link StagedBlob#commit} acknowledged survives a crash. Thread-safe; two
 * commits of the same content are one blob.
 */
public interface BlobStore {
  /** Begins a blob that nobody sees until it is committed. The caller closes it. */
  StagedBlob stage() throws IOException;

  /**
   * Opens a blob; the caller closes the stream.
   *
   * @param digest {@code sha256:…}
   * @throws java.io.FileNotFoundException when there is no such blob, also for a malformed digest
   */
  InputStream open(String digest) throws IOException;

  /** Bytes of a blob; empty when there is none. */
  OptionalLong size(String digest) throws IOException;

  /** Deletes a blob; whether there was one. */
  boolean delete(String digest) throws IOException;

  /** Digests of all blobs. */
  List<String> digests() throws IOException;

  /**
   * Deletes what earlier processes staged and never committed. Only for the start, before anything
   * is staged.
   *
   * @return how many were deleted
   */
  int sweepStaged() throws IOException;
}
