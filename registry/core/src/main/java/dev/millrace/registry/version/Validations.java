package dev.millrace.registry.version;

import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.event.EventType;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import java.util.List;

/**
 * Has versions judged once more: after an upgrade of the machine or of ONNX Runtime, or when the
 * first verdict was one on a busy machine. A version that is READY stays READY whatever comes of
 * it, since it may be in service; {@link Admissions} takes the verdict. Thread-safe.
 */
public final class Validations {
  private final ModelStore store;
  private final Journal journal;

  /** Asks by writing to {@code store}. */
  public Validations(ModelStore store, Journal journal) {
    this.store = store;
    this.journal = journal;
  }

  /**
   * Asks for another verdict; for one that is asked for already, nothing happens.
   *
   * @param actor who asks, for the events
   * @return the version as it is now
   * @throws MillraceException INVALID_ARGUMENT while its first verdict is still to come
   */
  public VersionDocument ask(VersionDocument version, String actor) {
    if (version.validatingAgain()) {
      return version;
    }
    if (version.state() != VersionState.READY && version.state() != VersionState.REJECTED) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "version %d of model '%s' is %s: it is being judged (expected: a version that is READY or"
              + " REJECTED)",
          version.version(),
          version.model(),
          version.state());
    }
    var key = new VersionKey(version.project(), version.model(), version.version());
    var asked =
        journal.commit(
            List.of(
                new Change.JudgeAgain(key, version.state(), version.validations()),
                journal.event(
                    version.project(),
                    version.model(),
                    EventType.VALIDATION_ASKED,
                    "version %d, which is %s, is to be judged again, asked by %s"
                        .formatted(version.version(), version.state(), actor))));
    if (!asked) {
      throw MillraceException.of(
          ErrorCode.STALE_REVISION,
          "version %d of model '%s' changed meanwhile: repeat the call",
          version.version(),
          version.model());
    }
    return store.version(key).orElse(version);
  }
}
