package dev.millrace.gateway.identity;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.Snapshot.KeyEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recognises {@code Authorization: Bearer mr_<id>_<secret>} by the snapshot's salted SHA-256
 * hashes.
 *
 * <p>Immutable and safe from any thread; replaced with the snapshot, so a revoked key stops working
 * when the next snapshot arrives. A check is one SHA-256 of less than two blocks (under a
 * microsecond) and a comparison whose time does not depend on the secret. Verified credentials are
 * not cached: a cache keyed by the credential's hash would cost the same hash, and one keyed by the
 * credential would keep secrets in memory.
 */
public final class KeyAuthenticator {
  private static final String SCHEME = "Bearer ";
  private static final String PREFIX = "mr_";

  /** Keys and secrets are short; more is an attack on the hash function's time. */
  private static final int LONGEST_CREDENTIAL = 512;

  private record Key(byte[] salt, byte[] hash, Identity identity) {}

  private final Map<String, Key> keys;

  private KeyAuthenticator(Map<String, Key> keys) {
    this.keys = keys;
  }

  /** Knows {@code entries}; one whose salt or hash is not Base64 is never recognised. */
  public static KeyAuthenticator of(List<KeyEntry> entries) {
    var keys = HashMap.<String, Key>newHashMap(entries.size());
    for (var entry : entries) {
      try {
        keys.put(
            entry.id(),
            new Key(
                Base64.getDecoder().decode(entry.salt()),
                Base64.getDecoder().decode(entry.hash()),
                new Identity(entry.project(), entry.id(), Role.parse(entry.roles()))));
      } catch (IllegalArgumentException notBase64) {
        keys.remove(entry.id());
      }
    }
    return new KeyAuthenticator(keys);
  }

  /**
   * Tells who calls.
   *
   * @param authorization value of the header; null when there is none
   * @throws MillraceException UNAUTHENTICATED; the same words for an unknown id and a wrong secret
   */
  public Identity authenticate(@Nullable String authorization) {
    if (authorization == null || authorization.isBlank()) {
      throw MillraceException.of(
          ErrorCode.UNAUTHENTICATED,
          "no credential (expected: header 'Authorization: Bearer mr_<id>_<secret>')");
    }
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        || authorization.length() > LONGEST_CREDENTIAL) {
      throw notRecognised();
    }
    var credential = authorization.substring(SCHEME.length()).strip();
    int separator = credential.indexOf('_', PREFIX.length());
    if (!credential.startsWith(PREFIX) || separator < 0) {
      throw notRecognised();
    }
    var key = keys.get(credential.substring(PREFIX.length(), separator));
    if (key == null || !matches(key, credential.substring(separator + 1))) {
      throw notRecognised();
    }
    return key.identity();
  }

  private static boolean matches(Key key, String secret) {
    var digest = sha256();
    digest.update(key.salt());
    return MessageDigest.isEqual(
        key.hash(), digest.digest(secret.getBytes(StandardCharsets.UTF_8)));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static MillraceException notRecognised() {
    return MillraceException.of(
        ErrorCode.UNAUTHENTICATED,
        "the credential is not recognised (expected: 'Authorization: Bearer mr_<id>_<secret>' with a"
            + " key of this platform)");
  }
}
