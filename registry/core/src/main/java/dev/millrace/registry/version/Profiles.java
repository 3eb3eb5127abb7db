package dev.millrace.registry.version;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What runtimes measured of versions, one profile a digest and hardware class. Thread-safe. */
public final class Profiles {
  private static final Pattern HARDWARE_CLASS = Pattern.compile("[^/\\p{Cntrl}]{1,64}");

  /** Batches and lengths that a runtime measures are a few dozen; more is no profile. */
  private static final int MOST_CELLS = 1000;

  private final ModelStore store;
  private final Journal journal;

  /** Profiles in {@code store}. */
  public Profiles(ModelStore store, Journal journal) {
    this.store = store;
    this.journal = journal;
  }

  /**
   * Takes a measurement in the place of the one before; of files that no version has, it is
   * ignored: the version was deleted meanwhile.
   *
   * @throws MillraceException INVALID_ARGUMENT when parts of it are missing
   */
  public void take(Profile measured) {
    if (!complete(measured)) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the profile is not complete (expected: digest, hardwareClass, measuredAt, footprint,"
              + " batching, padding, deterministic, recommended, and at most %d latencies)",
          MOST_CELLS);
    }
    journal.commit(List.of(new Change.PutProfile(measured)));
  }

  /**
   * What was measured of a version.
   *
   * @param hardwareClass null takes what was measured last
   * @throws MillraceException NOT_FOUND that says what there is
   */
  public Profile get(VersionDocument version, @Nullable String hardwareClass) {
    var all = store.profiles(List.of(version.digest()));
    return all.stream()
        .filter(it -> hardwareClass == null || it.hardwareClass().equals(hardwareClass))
        .max(Comparator.comparing(Profile::measuredAt))
        .orElseThrow(() -> missing(version, hardwareClass, all));
  }

  /** Whether nothing that is needed later was left out. */
  static boolean complete(Profile measured) {
    return measured.digest() != null
        && measured.hardwareClass() != null
        && HARDWARE_CLASS.matcher(measured.hardwareClass()).matches()
        && measured.measuredAt() != null
        && measured.footprint() != null
        && measured.batching() != null
        && measured.padding() != null
        && measured.deterministic() != null
        && measured.recommended() != null
        && measured.latency().size() <= MOST_CELLS;
  }

  private static MillraceException missing(
      VersionDocument version, @Nullable String hardwareClass, List<Profile> all) {
    var known =
        all.isEmpty()
            ? "it is " + version.state() + ", and nothing was measured"
            : all.stream()
                .map(Profile::hardwareClass)
                .collect(Collectors.joining(", ", "measured on: ", ""));
    var wanted = hardwareClass == null ? "" : " on '" + NameRule.quoted(hardwareClass) + "'";
    return MillraceException.of(
        ErrorCode.NOT_FOUND,
        "version %d of model '%s' has no profile%s (%s)",
        version.version(),
        version.model(),
        wanted,
        known);
  }
}
