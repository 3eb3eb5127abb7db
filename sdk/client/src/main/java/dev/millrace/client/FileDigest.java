package dev.millrace.client;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The SHA-256 of a file, read once from front to back. */
final class FileDigest {
  private static final int BUFFER = 1 << 16;

  private FileDigest() {}

  /** The value of {@code Repr-Digest} (RFC 9530): {@code sha-256=:base64:}. */
  static String reprDigest(Path file, long size, UploadListener listener) throws IOException {
    MessageDigest digest = sha256();
    var buffer = new byte[BUFFER];
    long done = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        done += read;
        listener.progress(UploadListener.Phase.HASHING, done, size);
      }
    }
    return "sha-256=:" + Base64.getEncoder().encodeToString(digest.digest()) + ":";
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw MillraceException.of(ErrorCode.INTERNAL, "SHA-256 is not available in this JDK");
    }
  }
}
