package dev.millrace.registry.key;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes credentials. A key is {@code mr_<id>_<secret>}: an id of 12 characters that may be logged,
 * and 43 characters (256 bits) of secret that are stored nowhere. The store keeps SHA-256 over salt
 * and secret: a fast hash is enough because the secret is random, not a password. Thread-safe.
 */
public final class Keys {
  /** The project that exists without being made. */
  public static final String DEFAULT_PROJECT = "default";

  private static final String ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
  private static final int ID_LENGTH = 12;
  private static final int SECRET_BYTES = 32;
  private static final int SALT_BYTES = 16;

  private final ModelStore store;
  private final Journal journal;
  private final SecureRandom random;

  /** Keys kept in {@code store}, made from {@code random}. */
  public Keys(ModelStore store, Journal journal, SecureRandom random) {
    this.store = store;
    this.journal = journal;
    this.random = random;
  }

  /**
   * Makes the first admin key of a database that has none.
   *
   * @param keeper takes the key in plain text before it is valid: a crash in between leaves a key
   *     that nobody accepts, never one that nobody knows
   * @return the key in plain text, this once; empty when there already is a key
   */
  public Optional<String> bootstrap(Consumer<String> keeper) {
    if (!store.keys().isEmpty()) {
      return Optional.empty();
    }
    var id = new StringBuilder(ID_LENGTH);
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append(ID_ALPHABET.charAt(random.nextInt(ID_ALPHABET.length())));
    }
    var secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(SECRET_BYTES));
    var salt = bytes(SALT_BYTES);
    var entry =
        new Snapshot.KeyEntry(
            id.toString(),
            Base64.getEncoder().encodeToString(salt),
            Base64.getEncoder().encodeToString(hash(salt, secret)),
            DEFAULT_PROJECT,
            List.of("admin"));
    var key = "mr_" + id + "_" + secret;
    keeper.accept(key);
    var made = journal.commit(List.of(new Change.FirstKey(entry, journal.now())));
    return made ? Optional.of(key) : Optional.empty();
  }

  /** What is stored of a secret: SHA-256 over the salt's bytes and the secret's UTF-8 bytes. */
  public static byte[] hash(byte[] salt, String secret) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      return digest.digest(secret.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private byte[] bytes(int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
