package dev.millrace.gateway.server;

import dev.millrace.protocol.internal.Snapshot.KeyEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/** Credentials that the tests' registry knows. */
final class Keys {
  static final String ADMIN = "mr_admin_s3cret";
  static final String VIEWER = "mr_viewer_s3cret";
  static final String INVOKER = "mr_invoker_s3cret_with_parts";
  static final String STRANGER = "mr_stranger_s3cret";

  private Keys() {}

  static List<KeyEntry> entries() {
    return List.of(
        entry(ADMIN, "default", "admin"),
        entry(VIEWER, "default", "viewer"),
        entry(INVOKER, "default", "invoker"),
        entry(STRANGER, "elsewhere", "admin"));
  }

  private static KeyEntry entry(String credential, String project, String role) {
    var parts = credential.split("_", 3);
    var salt = ("salt of " + parts[1]).getBytes(StandardCharsets.UTF_8);
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      var hash = digest.digest(parts[2].getBytes(StandardCharsets.UTF_8));
      var base64 = Base64.getEncoder();
      return new KeyEntry(
          parts[1],
          base64.encodeToString(salt),
          base64.encodeToString(hash),
          project,
          List.of(role));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
