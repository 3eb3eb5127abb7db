package dev.millrace.registry.version;

import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.store.ModelStore;

/** What a version must be before anything may point to it; pure. */
public final class VersionRule {
  private VersionRule() {}

  /**
   * The version, whatever stage of admission it is in.
   *
   * @throws MillraceException NOT_FOUND when there is none, MODEL_REJECTED with the reason when it
   *     did not pass
   */
  public static VersionDocument requireNotRejected(ModelStore store, VersionKey key) {
    var version =
        store
            .version(key)
            .orElseThrow(
                () ->
                    MillraceException.of(
                        ErrorCode.NOT_FOUND,
                        "model '%s' has no version %d",
                        key.model(),
                        key.version()));
    if (version.state() == VersionState.REJECTED) {
      throw MillraceException.of(
          ErrorCode.MODEL_REJECTED,
          "version %d of model '%s' was rejected: %s",
          key.version(),
          key.model(),
          version.reason());
    }
    return version;
  }
}
