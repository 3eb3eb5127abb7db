package dev.millrace.runtime.server.cache;

import java.nio.ByteBuffer;

/**
 * A SHA-256 digest of all that an answer depends on. A collision would hand one caller another's
 * answer, so nothing shorter will do.
 */
public record CacheKey(long first, long second, long third, long fourth) {
  /** A key from the 32 bytes of a digest. */
  static CacheKey of(byte[] digest) {
    ByteBuffer bytes = ByteBuffer.wrap(digest);
    return new CacheKey(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  /** The digest is uniform: any part of it will do. */
  @Override
  public int hashCode() {
    return (int) first;
  }
}
