package dev.millrace.registry.alias;

import dev.millrace.protocol.control.AliasDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.event.EventType;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.model.ModelKey;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import dev.millrace.registry.version.VersionRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Moving labels on versions. Thread-safe: every move is a compare-and-set. */
public final class Aliases {
  private static final int ATTEMPTS = 50;

  private final ModelStore store;
  private final Journal journal;

  /** Use cases over {@code store}. */
  public Aliases(ModelStore store, Journal journal) {
    this.store = store;
    this.journal = journal;
  }

  /** One alias; NOT_FOUND without it. */
  public AliasDocument get(ModelKey model, String alias) {
    return store
        .alias(model.project(), model.name(), alias)
        .orElseThrow(() -> missing(model, alias));
  }

  /**
   * Points an alias at a READY version, making the alias when there is none.
   *
   * @param expected the revision it must be at, 0 for none; null for whatever it is at
   * @throws MillraceException STALE_REVISION when it is at another revision; MODEL_REJECTED,
   *     MODEL_NOT_READY or NOT_FOUND when the version cannot carry it
   */
  public AliasDocument move(ModelKey model, String alias, int version, @Nullable Long expected) {
    checkName(alias);
    checkReady(new VersionKey(model.project(), model.name(), version));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      var current = store.alias(model.project(), model.name(), alias);
      long revision = current.map(AliasDocument::revision).orElse(0L);
      if (expected != null && expected != revision) {
        throw stale(alias, revision);
      }
      if (current.isPresent() && current.get().version() == version) {
        return current.get();
      }
      var moved =
          journal.commit(
              List.of(
                  new Change.PutAlias(model.project(), model.name(), alias, version, revision),
                  journal.event(
                      model.project(),
                      model.name(),
                      EventType.ALIAS_MOVED,
                      "alias %s names version %d".formatted(alias, version))));
      if (moved) {
        return new AliasDocument(alias, version, revision + 1);
      }
    }
    throw stale(alias, -1);
  }

  /** Removes an alias. */
  public void remove(ModelKey model, String alias, @Nullable Long expected) {
    var current = get(model, alias);
    var removed =
        (expected == null || expected == current.revision())
            && journal.commit(
                List.of(
                    new Change.DropAlias(model.project(), model.name(), alias, current.revision()),
                    journal.event(
                        model.project(),
                        model.name(),
                        EventType.ALIAS_REMOVED,
                        "alias %s was removed".formatted(alias))));
    if (!removed) {
      throw stale(alias, current.revision());
    }
  }

  /** An alias stands where a version number may stand, so it must not look like one. */
  private static void checkName(String alias) {
    NameRule.check("alias", alias);
    if (alias.chars().allMatch(Character::isDigit)) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "alias name '%s' is a number (expected: a name that no version can have)",
          alias);
    }
  }

  private void checkReady(VersionKey key) {
    var version = VersionRule.requireNotRejected(store, key);
    if (version.state() != VersionState.READY) {
      throw MillraceException.of(
          ErrorCode.MODEL_NOT_READY,
          "version %d of model '%s' is %s (expected: READY)",
          key.version(),
          key.model(),
          version.state());
    }
  }

  private static MillraceException stale(String alias, long revision) {
    return MillraceException.of(
            ErrorCode.STALE_REVISION,
            "alias '%s' has moved meanwhile: read it again, then repeat",
            alias)
        .withDetail("revision", revision);
  }

  private static MillraceException missing(ModelKey model, String alias) {
    return MillraceException.of(
        ErrorCode.NOT_FOUND, "model '%s' has no alias '%s'", model.name(), NameRule.quoted(alias));
  }
}
