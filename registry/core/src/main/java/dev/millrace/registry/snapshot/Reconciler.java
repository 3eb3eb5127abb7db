package dev.millrace.registry.snapshot;

import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.registry.endpoint.Replicas;
import dev.millrace.registry.endpoint.TrafficPolicy;
import dev.millrace.registry.event.EventType;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.member.MemberDirectory;
import dev.millrace.registry.placement.Judges;
import dev.millrace.registry.placement.Need;
import dev.millrace.registry.placement.PlacementPolicy;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.EndpointRecord;
import dev.millrace.registry.store.ModelStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings the platform towards what the store says: moves versions into validation, switches traffic
 * to versions that have become ready, assigns versions to members, and publishes a snapshot when
 * anything changed. It is level-triggered: each round starts from the store and the members alone,
 * so a round that failed or was missed is made good by the next. Thread-safe; one round at a time.
 */
public final class Reconciler {
  private final ModelStore store;
  private final Journal journal;
  private final MemberDirectory members;
  private final PlacementPolicy placement;
  private final Judges judges;
  private final SnapshotPublisher publisher;

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Snapshot published;

  /** A reconciler that publishes through {@code publisher}. */
  public Reconciler(
      ModelStore store,
      Journal journal,
      MemberDirectory members,
      PlacementPolicy placement,
      Judges judges,
      SnapshotPublisher publisher) {
    this.store = store;
    this.journal = journal;
    this.members = members;
    this.placement = placement;
    this.judges = judges;
    this.publisher = publisher;
  }

  /** One round. An unreachable store fails it with the store's exception. */
  public void reconcile() {
    lock.lock();
    try {
      var alive = members.alive();
      beginValidation(new SnapshotAssembly(store), alive);
      var assembly = new SnapshotAssembly(store);
      switchTraffic(assembly, alive);
      publish(assembly, alive);
    } finally {
      lock.unlock();
    }
  }

  /** A version is validating from the moment a runtime that can judge it is alive. */
  private void beginValidation(SnapshotAssembly assembly, List<MemberReport> alive) {
    for (Need need : assembly.admit()) {
      var waits = assembly.state(need.version()).filter(VersionState.UPLOADED::equals).isPresent();
      if (waits && !new Replicas(alive, need.pool()).poolIsEmpty()) {
        // When it fails, somebody else was faster: the next reading tells.
        journal.commitQuietly(
            List.of(
                new Change.MoveVersion(
                    need.version(), VersionState.UPLOADED, VersionState.VALIDATING, null, null)));
      }
    }
  }

  private void switchTraffic(SnapshotAssembly assembly, List<MemberReport> alive) {
    var endpoints = List.copyOf(assembly.endpoints());
    for (int i = 0; i < endpoints.size(); i++) {
      var endpoint = endpoints.get(i);
      var next =
          TrafficPolicy.decide(endpoint, assembly::state, new Replicas(alive, endpoint.pool()));
      if (next.isEmpty()) {
        continue;
      }
      var switched = endpoint.serving(next.get());
      var changes = new ArrayList<Change>();
      changes.add(new Change.PutInForce(switched));
      changes.add(
          journal.event(
              endpoint.project(),
              endpoint.name(),
              EventType.TRAFFIC_SWITCHED,
              "traffic: " + sentence(switched)));
      if (journal.commitQuietly(changes)) {
        assembly.replaceEndpoint(i, switched);
      }
    }
  }

  private static String sentence(EndpointRecord endpoint) {
    return endpoint.wanted().stream()
        .map(Reconciler::share)
        .collect(Collectors.joining(", ", "", " of model " + endpoint.model()));
  }

  private static String share(TrafficTarget target) {
    return "%d %% to version %d".formatted(target.weight(), target.version());
  }

  private void publish(SnapshotAssembly assembly, List<MemberReport> alive) {
    var feed = store.feed();
    var content = assembly.content(feed.epoch(), alive, placement, judges.turns());
    judges.assigned(content.assignments()).forEach(this::tellOfSilence);
    var last = published;
    if (last != null && numbered(content, last.number()).equals(last)) {
      return;
    }
    long next = feed.number() + 1;
    if (!journal.commitQuietly(List.of(new Change.AdvanceFeed(feed.number(), next)))) {
      throw new IllegalStateException("another process advances the snapshot feed");
    }
    var snapshot = numbered(content, next);
    published = snapshot;
    publisher.publish(snapshot);
  }

  private void tellOfSilence(Judges.Change change) {
    var version = change.version();
    journal.commitQuietly(
        List.of(
            journal.event(
                version.project(),
                version.model(),
                EventType.VERSION_ASKED_AGAIN,
                "version %d: runtime %s gave no verdict in time; asking runtime %s"
                    .formatted(version.version(), change.silent(), change.next()))));
  }

  private static Snapshot numbered(Snapshot content, long number) {
    return new Snapshot(
        number,
        content.epoch(),
        content.endpoints(),
        content.versions(),
        content.members(),
        content.assignments(),
        content.keys());
  }
}
