package dev.millrace.registry.bundle;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.artifact.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an upload on their way in: counted against the limit and hashed as a whole, so that
 * the digest the client sent can be checked at the end. For one thread.
 */
final class UploadBody extends FilterInputStream {
  private final long limit;
  private final byte @Nullable [] expected;
  private final MessageDigest hash = Sha256.begin();
  private long count;

  /** A body whose SHA-256 must be {@code expected}; null for a client that sent none. */
  UploadBody(InputStream body, long limit, byte @Nullable [] expected) {
    super(body);
    this.limit = limit;
    this.expected = expected;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = in.read(bytes, offset, length);
    if (read > 0) {
      if (expected != null) {
        // Each file is hashed for its own digest anyway: twice only for those who ask.
        hash.update(bytes, offset, read);
      }
      count += read;
      if (count > limit) {
        throw BundleReader.tooLarge(limit);
      }
    }
    return read;
  }

  /** Skipping would leave bytes unhashed. */
  @Override
  public long skip(long wanted) throws IOException {
    var buffer = new byte[(int) Math.min(Math.max(wanted, 1), 1 << 16)];
    int read = wanted <= 0 ? 0 : read(buffer, 0, buffer.length);
    return Math.max(read, 0);
  }

  /** The body belongs to the caller, and is read on after the last entry. */
  @Override
  public void close() {}

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Reads what is left, so that the client sees the answer; then compares the digests. */
  void finish() throws IOException {
    transferTo(OutputStream.nullOutputStream());
    if (expected == null) {
      return;
    }
    var actual = hash.digest();
    if (!MessageDigest.isEqual(actual, expected)) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the body does not have the digest that was sent (expected: sha-256 %s, came: %s);"
              + " it was damaged on the way",
          Base64.getEncoder().encodeToString(expected),
          Base64.getEncoder().encodeToString(actual));
    }
  }
}
