package dev.millrace.registry.version;

import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.artifact.ArtifactCollector;
import dev.millrace.registry.artifact.Sha256;
import dev.millrace.registry.bundle.BundleReader;
import dev.millrace.registry.bundle.StagedBundle;
import dev.millrace.registry.event.EventType;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.model.ModelKey;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns an upload into a version, making the model when there is none. First the files become
 * durable, then one commit makes the version visible: a crash in between leaves files that nobody
 * names and that the next start collects. The same files again are the same version. Thread-safe;
 * uploads run side by side.
 */
public final class Uploads {
  /** Rounds against other writers of the same model before giving up. */
  private static final int ATTEMPTS = 50;

  private final ModelStore store;
  private final Journal journal;
  private final BundleReader bundles;
  private final ArtifactCollector collector;

  /** Uploads into {@code store} by way of {@code bundles}. */
  public Uploads(
      ModelStore store, Journal journal, BundleReader bundles, ArtifactCollector collector) {
    this.store = store;
    this.journal = journal;
    this.bundles = bundles;
    this.collector = collector;
  }

  /**
   * The version that holds an upload.
   *
   * @param created false when the model already had a version with the same files
   * @param bytes of all its files
   */
  public record Uploaded(VersionDocument version, boolean created, long bytes) {}

  /**
   * Refuses an upload by what its sender announces, before a byte of it has to be sent.
   *
   * @param bytes the announced length; negative when there is none
   * @throws MillraceException PAYLOAD_TOO_LARGE
   */
  public void checkAnnounced(long bytes) {
    bundles.checkLength(bytes);
  }

  /**
   * Reads one upload to its end and stores it.
   *
   * @param body not closed here
   * @param expectedSha256 of the whole body, as the client sent it; null when it sent none
   * @throws IOException when the body breaks off or the disk fails; then nothing is visible
   */
  public Uploaded upload(ModelKey model, InputStream body, byte @Nullable [] expectedSha256)
      throws IOException {
    try (var bundle = bundles.read(body, expectedSha256)) {
      long bytes = bundle.artifacts().stream().mapToLong(it -> it.size()).sum();
      var digest = Sha256.ofVersion(bundle.artifacts());
      var known = existing(model, digest);
      if (known.isPresent()) {
        return new Uploaded(known.get(), false, bytes);
      }
      try (var publishing = collector.publishing()) {
        bundle.commit();
        return publish(model, digest, bundle, bytes);
      }
    }
  }

  private Uploaded publish(ModelKey model, String digest, StagedBundle bundle, long bytes) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      var number = store.lastVersion(model.project(), model.name()) + 1;
      var version =
          new VersionDocument(
              model.project(),
              model.name(),
              number,
              digest,
              VersionState.UPLOADED,
              null,
              bundle.model().signature(),
              bundle.model().format(),
              bundle.manifest(),
              bundle.artifacts(),
              journal.now());
      var changes = new ArrayList<Change>();
      if (store.model(model.project(), model.name()).isEmpty()) {
        changes.add(new Change.NewModel(model.project(), model.name(), version.createdAt()));
      }
      changes.add(new Change.NewVersion(version));
      changes.add(
          journal.event(
              model.project(),
              model.name(),
              EventType.VERSION_UPLOADED,
              "version %d was uploaded (%d bytes, %s)".formatted(number, bytes, digest)));
      if (journal.commit(changes)) {
        // The reaction to the commit may already have moved it on.
        return new Uploaded(existing(model, digest).orElse(version), true, bytes);
      }
      var twin = existing(model, digest);
      if (twin.isPresent()) {
        return new Uploaded(twin.get(), false, bytes);
      }
    }
    throw MillraceException.of(
        ErrorCode.STALE_REVISION,
        "model '%s' is being changed by many at once: repeat the upload",
        model.name());
  }

  private Optional<VersionDocument> existing(ModelKey model, String digest) {
    return store.versionByDigest(model.project(), model.name(), digest);
  }
}
