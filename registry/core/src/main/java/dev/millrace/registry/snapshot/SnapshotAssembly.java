package dev.millrace.registry.snapshot;

import static java.util.stream.Collectors.groupingBy;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.placement.Judges;
import dev.millrace.registry.placement.Need;
import dev.millrace.registry.placement.PlacementPolicy;
import dev.millrace.registry.store.EndpointRecord;
import dev.millrace.registry.store.ModelStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One reading of the store, from which one snapshot is put together. Each version and model is read
 * once. For one thread, thrown away afterwards.
 */
final class SnapshotAssembly {
  /** Versions judged at a time; the others wait their turn. */
  private static final int MOST_PENDING = 1000;

  private final ModelStore store;
  private final List<EndpointRecord> endpoints;
  private final Map<VersionKey, Optional<VersionDocument>> versions = new LinkedHashMap<>();
  private final List<VersionDocument> pending = new ArrayList<>();

  SnapshotAssembly(ModelStore store) {
    this.store = store;
    this.endpoints = new ArrayList<>(store.allEndpoints());
    for (var state : List.of(VersionState.VALIDATING, VersionState.UPLOADED)) {
      pending.addAll(store.versionsIn(state, MOST_PENDING));
    }
    pending.addAll(store.versionsJudgedAgain(MOST_PENDING));
    pending.forEach(it -> versions.put(key(it), Optional.of(it)));
  }

  List<EndpointRecord> endpoints() {
    return endpoints;
  }

  void replaceEndpoint(int index, EndpointRecord endpoint) {
    endpoints.set(index, endpoint);
  }

  List<VersionDocument> pending() {
    return pending;
  }

  Optional<VersionState> state(VersionKey key) {
    return version(key).map(VersionDocument::state);
  }

  /**
   * What must be loaded: all that is in force, and all that is wanted and may serve, but for
   * endpoints that are suspended.
   */
  Set<Need> load() {
    var needs = new LinkedHashSet<Need>();
    for (var endpoint : endpoints) {
      if (endpoint.spec().unloaded()) {
        continue;
      }
      var inForce = endpoint.inForce();
      if (inForce != null) {
        for (var target : inForce.traffic()) {
          var key = new VersionKey(endpoint.project(), inForce.model(), target.version());
          addIfReady(needs, inForce.pool(), key);
        }
      }
      for (var target : endpoint.wanted()) {
        var key = new VersionKey(endpoint.project(), endpoint.model(), target.version());
        addIfReady(needs, endpoint.pool(), key);
      }
    }
    return needs;
  }

  private void addIfReady(Set<Need> needs, String pool, VersionKey key) {
    if (state(key).filter(VersionState.READY::equals).isPresent()) {
      needs.add(new Need(pool, key));
    }
  }

  /** What must be judged: in the pool of the endpoint that wants it, else in the default pool. */
  List<Need> admit() {
    var pools = new LinkedHashMap<VersionKey, String>();
    for (var endpoint : endpoints) {
      for (var target : endpoint.wanted()) {
        pools.putIfAbsent(
            new VersionKey(endpoint.project(), endpoint.model(), target.version()),
            endpoint.pool());
      }
    }
    return pending.stream()
        .map(SnapshotAssembly::key)
        .map(it -> new Need(pools.getOrDefault(it, EndpointRecord.DEFAULT_POOL), it))
        .toList();
  }

  /** Everything but the number. */
  Snapshot content(
      String epoch,
      List<MemberReport> members,
      PlacementPolicy placement,
      Map<VersionKey, Judges.Turn> judges) {
    var assignments = placement.assign(members, load(), admit(), judges);
    var aliases = aliases();
    var entries = endpoints.stream().map(it -> entry(it, aliases)).toList();
    return new Snapshot(
        0, epoch, entries, named(entries, assignments), members, assignments, store.keys());
  }

  private Map<String, Map<String, Integer>> aliases() {
    var aliases = new TreeMap<String, Map<String, Integer>>();
    for (var endpoint : endpoints) {
      var model = servedModel(endpoint);
      aliases.computeIfAbsent(
          endpoint.project() + "/" + model,
          it ->
              store
                  .model(endpoint.project(), model)
                  .<Map<String, Integer>>map(found -> new TreeMap<>(found.aliases()))
                  .orElse(Map.of()));
    }
    return aliases;
  }

  private static EndpointEntry entry(
      EndpointRecord endpoint, Map<String, Map<String, Integer>> aliases) {
    var inForce = endpoint.inForce();
    var model = servedModel(endpoint);
    List<TrafficTarget> traffic = inForce == null ? List.of() : inForce.traffic();
    return new EndpointEntry(
        endpoint.project(),
        endpoint.name(),
        model,
        inForce == null ? endpoint.pool() : inForce.pool(),
        traffic,
        endpoint.serving(),
        aliases.getOrDefault(endpoint.project() + "/" + model, Map.of()),
        endpoint.revision(),
        endpoint.spec().unloaded());
  }

  private static String servedModel(EndpointRecord endpoint) {
    var inForce = endpoint.inForce();
    return inForce == null ? endpoint.model() : inForce.model();
  }

  /** Every version that an endpoint, an assignment or an alias names. */
  private List<VersionEntry> named(
      Collection<EndpointEntry> entries, List<Assignment> assignments) {
    var keys = new TreeSet<VersionKey>();
    for (var entry : entries) {
      for (var target : entry.traffic()) {
        keys.add(new VersionKey(entry.project(), entry.model(), target.version()));
      }
      for (var version : entry.aliases().values()) {
        keys.add(new VersionKey(entry.project(), entry.model(), version));
      }
    }
    for (var endpoint : endpoints) {
      for (var target : endpoint.wanted()) {
        keys.add(new VersionKey(endpoint.project(), endpoint.model(), target.version()));
      }
    }
    for (var assignment : assignments) {
      keys.addAll(assignment.load());
      keys.addAll(assignment.admit());
    }
    var documents = keys.stream().map(this::version).flatMap(Optional::stream).toList();
    var digests = documents.stream().map(VersionDocument::digest).distinct().toList();
    var profiles = store.profiles(digests).stream().collect(groupingBy(Profile::digest));
    return documents.stream()
        .map(it -> entry(it, profiles.getOrDefault(it.digest(), List.of())))
        .toList();
  }

  private static VersionEntry entry(VersionDocument version, List<Profile> profiles) {
    return new VersionEntry(
        key(version),
        version.digest(),
        version.state(),
        version.signature(),
        version.manifest(),
        version.artifacts(),
        profiles,
        version.validations());
  }

  private Optional<VersionDocument> version(VersionKey key) {
    return versions.computeIfAbsent(key, store::version);
  }

  private static VersionKey key(VersionDocument version) {
    return new VersionKey(version.project(), version.model(), version.version());
  }
}
