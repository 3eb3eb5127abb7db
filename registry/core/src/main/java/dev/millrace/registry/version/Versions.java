package dev.millrace.registry.version;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.Page;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.artifact.ArtifactCollector;
import dev.millrace.registry.event.EventType;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.model.ModelKey;
import dev.millrace.registry.model.Models;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.paging.PageRequest;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import java.io.IOException;
import java.util.List;

/** Reading and deleting versions. Thread-safe. */
public final class Versions {
  private final ModelStore store;
  private final Journal journal;
  private final ArtifactCollector collector;

  /** Use cases over {@code store}; {@code collector} deletes the files of deleted versions. */
  public Versions(ModelStore store, Journal journal, ArtifactCollector collector) {
    this.store = store;
    this.journal = journal;
    this.collector = collector;
  }

  /**
   * The version that {@code which} names: a decimal number, or an alias.
   *
   * @throws MillraceException NOT_FOUND
   */
  public VersionDocument get(ModelKey model, String which) {
    if (which.matches("[1-9][0-9]{0,8}")) {
      return get(new VersionKey(model.project(), model.name(), Integer.parseInt(which)));
    }
    return store
        .alias(model.project(), model.name(), which)
        .map(it -> get(new VersionKey(model.project(), model.name(), it.version())))
        .orElseThrow(
            () ->
                MillraceException.of(
                    ErrorCode.NOT_FOUND,
                    "model '%s' has no version or alias '%s'",
                    model.name(),
                    NameRule.quoted(which)));
  }

  /** The version of that number; NOT_FOUND without one. */
  public VersionDocument get(VersionKey key) {
    return store.version(key).orElseThrow(() -> missing(key));
  }

  /** The artifact of a version; NOT_FOUND without one. */
  public Artifact artifact(VersionDocument version, String name) {
    return version.artifacts().stream()
        .filter(it -> it.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                MillraceException.of(
                    ErrorCode.NOT_FOUND,
                    "version %d of model '%s' has no artifact '%s'",
                    version.version(),
                    version.model(),
                    NameRule.quoted(name)));
  }

  /** Versions of a model, the newest first. */
  public Page<VersionDocument> list(ModelKey model, PageRequest page) {
    if (store.model(model.project(), model.name()).isEmpty()) {
      throw Models.missing(model.name());
    }
    return page.page(
        store.versions(model.project(), model.name(), page.below(), page.size() + 1),
        VersionDocument::version);
  }

  /**
   * Deletes a version that nothing uses, then those of its files that no other version names.
   *
   * @throws MillraceException INVALID_ARGUMENT that names the endpoint or alias that uses it
   */
  public void delete(VersionKey key) throws IOException {
    var version = get(key);
    refuseWhileUsed(key);
    var deleted =
        journal.commit(
            List.of(
                new Change.DropVersion(key),
                journal.event(
                    key.project(),
                    key.model(),
                    EventType.VERSION_DELETED,
                    "version " + key.version() + " was deleted")));
    if (!deleted) {
      throw MillraceException.of(
          ErrorCode.STALE_REVISION,
          "version %d of model '%s' came into use while it was being deleted",
          key.version(),
          key.model());
    }
    collector.collect(version.artifacts().stream().map(Artifact::digest).distinct().toList());
  }

  private void refuseWhileUsed(VersionKey key) {
    var endpoints = store.endpointsUsing(key);
    if (!endpoints.isEmpty()) {
      throw inUse(key, "endpoint '%s' uses it".formatted(endpoints.get(0)));
    }
    var aliases = store.model(key.project(), key.model()).orElseThrow(() -> missing(key)).aliases();
    for (var alias : aliases.entrySet()) {
      if (alias.getValue() == key.version()) {
        throw inUse(key, "alias '%s' names it".formatted(alias.getKey()));
      }
    }
  }

  private static MillraceException inUse(VersionKey key, String by) {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "version %d of model '%s' cannot be deleted: %s (expected: a version that no endpoint and no"
            + " alias names)",
        key.version(),
        key.model(),
        by);
  }

  private static MillraceException missing(VersionKey key) {
    return MillraceException.of(
        ErrorCode.NOT_FOUND, "model '%s' has no version %d", key.model(), key.version());
  }
}
