package dev.millrace.registry.version;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.registry.event.EventType;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.ModelStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes the verdicts of runtimes on versions: the first one stands, until somebody asks for
 * another. Thread-safe.
 */
public final class Admissions {
  private static final int LONGEST_REASON = 2000;

  private final ModelStore store;
  private final Journal journal;

  /** Writes verdicts to {@code store}. */
  public Admissions(ModelStore store, Journal journal) {
    this.store = store;
    this.journal = journal;
  }

  /** Moves the version to READY or REJECTED; a later, repeated or homeless verdict is ignored. */
  public void verdict(AdmissionReport report) {
    var known = store.version(report.version());
    if (known.isEmpty() || !isOf(report, known.get())) {
      return;
    }
    var version = known.get();
    if (version.validatingAgain()) {
      again(version, report);
      return;
    }
    if (isFinal(version.state())) {
      return;
    }
    var to = report.admitted() ? VersionState.READY : VersionState.REJECTED;
    var reason = report.admitted() ? null : reason(report.reason());
    var signature = report.admitted() ? refined(version, report.signature()) : null;
    var event =
        journal.event(
            version.project(),
            version.model(),
            report.admitted() ? EventType.VERSION_READY : EventType.VERSION_REJECTED,
            report.admitted()
                ? "version %d is ready (loaded in %d ms)%s"
                    .formatted(version.version(), report.loadMillis(), alone(report.profile()))
                : "version %d was rejected: %s".formatted(version.version(), reason));
    // A verdict may overtake the commit that says VALIDATING; either state is before the verdict.
    for (var from : List.of(version.state(), VersionState.VALIDATING)) {
      var move = new Change.MoveVersion(report.version(), from, to, reason, signature);
      var changes = new ArrayList<Change>(List.of(move, event));
      var profile = report.profile();
      if (report.admitted() && profile != null && isOf(version, profile)) {
        changes.add(new Change.PutProfile(profile));
      }
      if (journal.commit(changes)) {
        return;
      }
    }
  }

  /**
   * Of a version that is in service, or may be at any moment: what passes brings its profile up to
   * date, what fails is told, and neither changes what serves.
   */
  private void again(VersionDocument version, AdmissionReport report) {
    var changes = new ArrayList<Change>();
    var reason = report.admitted() ? null : reason(report.reason());
    changes.add(new Change.JudgedAgain(report.version(), version.validations(), reason));
    var profile = report.profile();
    if (report.admitted()) {
      changes.add(
          journal.event(
              version.project(),
              version.model(),
              EventType.VALIDATION_PASSED,
              "version %d passed again (loaded in %d ms)%s"
                  .formatted(version.version(), report.loadMillis(), alone(profile))));
      if (profile != null && isOf(version, profile)) {
        changes.add(new Change.PutProfile(profile));
      }
    } else {
      changes.add(
          journal.event(
              version.project(),
              version.model(),
              EventType.VALIDATION_FAILED,
              "version %d failed when it was judged again, and stays ready: %s"
                  .formatted(version.version(), reason)));
    }
    journal.commit(changes);
  }

  /** A verdict that was asked for earlier says nothing about now; older runtimes tell no number. */
  private static boolean isOf(AdmissionReport report, VersionDocument version) {
    return report.validation() == 0 || report.validation() == version.validations();
  }

  /** What owners would else only see from a throughput that they did not expect. */
  private static String alone(@Nullable Profile profile) {
    if (profile == null || profile.mayBatch()) {
      return "";
    }
    var batching = profile.batching();
    var why =
        batching.note() != null
            ? batching.note()
            : String.format(
                Locale.ROOT,
                "beside others a row's result differs by %.1e of its largest value",
                batching.largestDifference());
    return "; its calls run one by one, since %s (serving.maxBatch of an endpoint allows batches)"
        .formatted(why);
  }

  private static boolean isFinal(VersionState state) {
    return state == VersionState.READY || state == VersionState.REJECTED;
  }

  /** A profile of other files, or a broken one, must not stop the verdict. */
  private static boolean isOf(VersionDocument version, Profile profile) {
    return version.digest().equals(profile.digest()) && Profiles.complete(profile);
  }

  private static String reason(@Nullable String said) {
    var reason = said == null || said.isBlank() ? "no reason given" : said.strip();
    return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "…" : reason;
  }

  /**
   * The loaded session knows shapes better than the file does, when it speaks of the same names.
   */
  private static @Nullable Signature refined(VersionDocument version, @Nullable Signature loaded) {
    var read = version.signature();
    return loaded != null
            && names(loaded.inputs()).equals(names(read.inputs()))
            && names(loaded.outputs()).equals(names(read.outputs()))
        ? loaded
        : null;
  }

  private static Set<String> names(List<TensorSignature> tensors) {
    return tensors.stream().map(TensorSignature::name).collect(Collectors.toSet());
  }
}
