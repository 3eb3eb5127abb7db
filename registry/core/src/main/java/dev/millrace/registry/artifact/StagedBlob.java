package dev.millrace.registry.artifact;

import java.io.IOException;
import java.io.InputStream;

/**
 * A blob that is being written. For one thread. Closing without a commit discards it; closing after
 * a commit does nothing.
 */
public interface StagedBlob extends AutoCloseable {
  /** Appends bytes, hashing them on the way. */
  void write(byte[] bytes, int offset, int length) throws IOException;

  /** Bytes written so far. */
  long size();

  /** Ends the writing; the digest of everything written, {@code sha256:…}. Idempotent. */
  String digest() throws IOException;

  /** Reads what was written, before or after the commit. Ends the writing. */
  InputStream open() throws IOException;

  /** Makes the blob durable and visible under its digest, which it returns. */
  String commit() throws IOException;

  @Override
  void close() throws IOException;

  /** Appends everything that {@code source} has left; returns how many bytes. */
  default long writeAll(InputStream source) throws IOException {
    var buffer = new byte[1 << 16];
    long total = 0;
    for (int read = source.read(buffer); read >= 0; read = source.read(buffer)) {
      write(buffer, 0, read);
      total += read;
    }
    return total;
  }
}
