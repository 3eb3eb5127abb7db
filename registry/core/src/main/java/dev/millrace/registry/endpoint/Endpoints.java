package dev.millrace.registry.endpoint;

import dev.millrace.protocol.control.EndpointDocument;
import dev.millrace.protocol.control.EndpointRevision;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.Page;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.event.EventType;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.member.MemberDirectory;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.paging.PageRequest;
import dev.millrace.registry.placement.Judges;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.EndpointRecord;
import dev.millrace.registry.store.ModelStore;
import dev.millrace.registry.version.VersionRule;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Declaring what clients call. A changed spec is a new revision; the traffic in force follows
 * later, when the wanted versions are ready. The same spec again changes nothing. Thread-safe:
 * every write is a compare-and-set.
 */
public final class Endpoints {
  private static final int ATTEMPTS = 50;

  private final ModelStore store;
  private final Journal journal;
  private final MemberDirectory members;
  private final Judges judges;

  /**
   * Use cases over {@code store}; statuses also tell what {@code members} report and which of them
   * is asked for a verdict.
   */
  public Endpoints(ModelStore store, Journal journal, MemberDirectory members, Judges judges) {
    this.store = store;
    this.journal = journal;
    this.members = members;
    this.judges = judges;
  }

  /**
   * Who writes and what must hold.
   *
   * @param expected the revision the endpoint must be at, 0 for none; null for whatever it is at
   * @param by id of the caller's key
   */
  public record Write(@Nullable Long expected, String by) {}

  /** One endpoint; NOT_FOUND without it. */
  public EndpointDocument get(String project, String name) {
    return document(record(project, name));
  }

  /** Endpoints of a project by name. */
  public Page<EndpointDocument> list(String project, PageRequest page) {
    var records =
        page.page(
            store.endpoints(project, page.afterName(), page.size() + 1), EndpointRecord::name);
    return new Page<>(
        records.items().stream().map(this::document).toList(), records.nextPageToken());
  }

  /**
   * The version with the largest share of the traffic in force, or of the wanted one while nothing
   * serves yet.
   */
  public VersionKey mainVersion(String project, String name) {
    var endpoint = record(project, name);
    var serves = endpoint.inForce();
    var traffic = serves == null ? endpoint.wanted() : serves.traffic();
    return traffic.stream()
        .max(Comparator.comparingInt(TrafficTarget::weight))
        .map(
            it ->
                new VersionKey(
                    project, serves == null ? endpoint.model() : serves.model(), it.version()))
        .orElseThrow(
            () ->
                MillraceException.of(
                    ErrorCode.NOT_FOUND, "endpoint '%s' names no version yet", name));
  }

  /** Past and present specs, the newest first. */
  public Page<EndpointRevision> revisions(String project, String name, PageRequest page) {
    record(project, name);
    return page.page(
        store.revisions(project, name, page.below(), page.size() + 1), EndpointRevision::revision);
  }

  /**
   * Makes an endpoint or gives it another spec.
   *
   * @throws MillraceException INVALID_ARGUMENT for a bad spec, NOT_FOUND or MODEL_REJECTED for its
   *     versions, STALE_REVISION when the endpoint is at another revision than expected
   */
  public EndpointDocument put(String project, String name, EndpointSpec spec, Write write) {
    NameRule.check("endpoint", name);
    SpecRules.check(spec);
    return change(project, name, write, "", current -> spec);
  }

  /**
   * Returns to an earlier spec, by making it the newest revision.
   *
   * @param revision which one; empty for the one before the present
   */
  public EndpointDocument revert(String project, String name, OptionalLong revision, Write write) {
    var present = record(project, name);
    long below = revision.isPresent() ? revision.getAsLong() + 1 : present.revision();
    var target =
        store.revisions(project, name, below, 1).stream()
            .filter(it -> revision.isEmpty() || it.revision() == revision.getAsLong())
            .findFirst()
            .orElseThrow(
                () ->
                    MillraceException.of(
                        ErrorCode.NOT_FOUND,
                        "endpoint '%s' has no revision %s to revert to",
                        name,
                        revision.isPresent() ? revision.getAsLong() : "before its present one"));
    return change(
        project,
        name,
        write,
        "reverted to revision " + target.revision(),
        current -> {
          if (current.isEmpty()) {
            throw missing(name);
          }
          return target.spec();
        });
  }

  /** Deletes an endpoint: it leaves the next snapshot, and runtimes unload what only it used. */
  public void delete(String project, String name, Write write) {
    var current = record(project, name);
    var deleted =
        (write.expected() == null || write.expected() == current.revision())
            && journal.commit(
                List.of(
                    new Change.DropEndpoint(project, name, current.revision()),
                    journal.event(
                        project,
                        name,
                        EventType.ENDPOINT_DELETED,
                        "endpoint was deleted by " + write.by())));
    if (!deleted) {
      throw stale(name, current.revision());
    }
  }

  /** How a spec becomes another; asked again when somebody else wrote in between. */
  interface SpecSource {
    EndpointSpec next(Optional<EndpointRecord> current);

    /** Whether the source itself has looked at the versions that its spec names. */
    default boolean checksVersions() {
      return false;
    }
  }

  EndpointDocument change(
      String project, String name, Write write, String reason, SpecSource source) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      var current = store.endpoint(project, name);
      long revision = current.map(EndpointRecord::revision).orElse(0L);
      if (write.expected() != null && write.expected() != revision) {
        throw stale(name, revision);
      }
      var spec = source.next(current);
      if (current.isPresent() && current.get().spec().equals(spec)) {
        return document(current.get());
      }
      var next =
          new EndpointRecord(
              project,
              name,
              store.lastRevision(project, name) + 1,
              spec,
              current.map(EndpointRecord::inForce).orElse(null),
              new Change.Origin(journal.now(), write.by(), reason));
      if (!source.checksVersions()) {
        checkVersions(next);
      }
      boolean unloaded = current.map(it -> it.spec().unloaded()).orElse(false);
      if (journal.commit(List.of(new Change.PutEndpoint(next, revision), event(next, unloaded)))) {
        return get(project, name);
      }
    }
    throw stale(name, -1);
  }

  private void checkVersions(EndpointRecord endpoint) {
    for (var target : endpoint.wanted()) {
      var key = new VersionKey(endpoint.project(), endpoint.model(), target.version());
      VersionRule.requireNotRejected(store, key);
    }
  }

  private Change event(EndpointRecord next, boolean wasUnloaded) {
    var reason = next.origin().reason();
    var wanted =
        next.wanted().stream()
            .map(it -> "%d %% to version %d".formatted(it.weight(), it.version()))
            .toList();
    return journal.event(
        next.project(),
        next.name(),
        type(next, wasUnloaded),
        "revision %d by %s%s: %s of model %s%s"
            .formatted(
                next.revision(),
                next.changedBy(),
                reason.isEmpty() ? "" : ", " + reason,
                String.join(", ", wanted),
                next.model(),
                next.spec().unloaded() ? ", unloaded" : ""));
  }

  private static String type(EndpointRecord next, boolean wasUnloaded) {
    if (!next.origin().reason().isEmpty()) {
      return EventType.ENDPOINT_REVERTED;
    }
    if (next.spec().unloaded() == wasUnloaded) {
      return EventType.ENDPOINT_CHANGED;
    }
    return wasUnloaded ? EventType.ENDPOINT_RESUMED : EventType.ENDPOINT_SUSPENDED;
  }

  private EndpointDocument document(EndpointRecord record) {
    var status =
        StatusPolicy.status(
            record,
            version -> store.version(new VersionKey(record.project(), record.model(), version)),
            members.alive(),
            judges::of);
    return new EndpointDocument(
        record.project(),
        record.name(),
        record.revision(),
        record.spec(),
        status,
        record.changedAt(),
        record.changedBy());
  }

  private EndpointRecord record(String project, String name) {
    return store.endpoint(project, name).orElseThrow(() -> missing(name));
  }

  static MillraceException missing(String name) {
    return MillraceException.of(
        ErrorCode.NOT_FOUND, "there is no endpoint '%s'", NameRule.quoted(name));
  }

  private static MillraceException stale(String name, long revision) {
    return MillraceException.of(
            ErrorCode.STALE_REVISION,
            "endpoint '%s' has changed meanwhile: read it again, then repeat",
            name)
        .withDetail("revision", revision);
  }
}
