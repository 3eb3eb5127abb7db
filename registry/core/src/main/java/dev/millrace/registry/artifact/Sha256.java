package dev.millrace.registry.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.protocol.control.Artifact;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/** Digests as they are written everywhere: {@code sha256:} and 64 lower-case hexadecimal digits. */
public final class Sha256 {
  private static final String PREFIX = "sha256:";
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  private Sha256() {}

  /** A fresh hash. */
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The written form of a finished hash. */
  public static String text(byte[] hash) {
    return PREFIX + HexFormat.of().formatHex(hash);
  }

  /** Whether this is a digest; only then is it safe in a path. */
  public static boolean isDigest(String text) {
    return DIGEST.matcher(text).matches();
  }

  /** The 64 hexadecimal digits of a digest. */
  public static String hex(String digest) {
    return digest.substring(PREFIX.length());
  }

  /**
   * The digest of a version: over one line an artifact, sorted by name, {@code name NUL digest NUL
   * size LF}. Names hold neither NUL nor LF, so two lists never give the same bytes.
   */
  public static String ofVersion(List<Artifact> artifacts) {
    var hash = begin();
    artifacts.stream()
        .sorted(Comparator.comparing(Artifact::name))
        .map(it -> it.name() + '\0' + it.digest() + '\0' + it.size() + '\n')
        .forEach(line -> hash.update(line.getBytes(UTF_8)));
    return text(hash.digest());
  }
}
