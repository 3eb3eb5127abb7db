package dev.millrace.registry.store;

import dev.millrace.protocol.control.AliasDocument;
import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.EndpointRevision;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.ModelDocument;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.VersionKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A store for tests: a commit works on a copy, which replaces the state when all went well. */
public final class InMemoryModelStore implements ModelStore {
  private static final class State {
    Map<List<String>, Instant> models = new TreeMap<>(Comparator.comparing(List::toString));
    Map<VersionKey, VersionDocument> versions = new LinkedHashMap<>();
    Map<List<String>, Profile> profiles = new TreeMap<>(Comparator.comparing(List::toString));
    Map<List<String>, AliasDocument> aliases = new TreeMap<>(Comparator.comparing(List::toString));
    Map<List<String>, EndpointRecord> endpoints =
        new TreeMap<>(Comparator.comparing(List::toString));
    List<Map.Entry<List<String>, EndpointRevision>> revisions = new ArrayList<>();
    Map<List<String>, Long> counters = new LinkedHashMap<>();
    List<Snapshot.KeyEntry> keys = new ArrayList<>();
    List<EventDocument> events = new ArrayList<>();
    long feed;

    State copy() {
      var copy = new State();
      copy.models.putAll(models);
      copy.versions.putAll(versions);
      copy.profiles.putAll(profiles);
      copy.aliases.putAll(aliases);
      copy.endpoints.putAll(endpoints);
      copy.revisions.addAll(revisions);
      copy.counters.putAll(counters);
      copy.keys.addAll(keys);
      copy.events.addAll(events);
      copy.feed = feed;
      return copy;
    }
  }

  private State state = new State();

  @Override
  public synchronized boolean commit(List<Change> changes) {
    var next = state.copy();
    for (var change : changes) {
      if (!apply(next, change)) {
        return false;
      }
    }
    state = next;
    return true;
  }

  private static boolean apply(State s, Change change) {
    return switch (change) {
      case Change.NewModel it ->
          s.models.putIfAbsent(List.of(it.project(), it.name()), it.at()) == null;
      case Change.NewVersion it -> newVersion(s, it.version());
      case Change.MoveVersion it -> moveVersion(s, it);
      case Change.JudgeAgain it -> judgeAgain(s, it);
      case Change.JudgedAgain it -> judgedAgain(s, it);
      case Change.PutProfile it -> {
        var profile = it.profile();
        s.profiles.put(List.of(profile.digest(), profile.hardwareClass()), profile);
        yield hasDigest(s, profile.digest());
      }
      case Change.DropVersion it -> {
        boolean dropped = !used(s, it.version()) && s.versions.remove(it.version()) != null;
        s.profiles.keySet().removeIf(key -> !hasDigest(s, key.get(0)));
        yield dropped;
      }
      case Change.DropModel it ->
          s.versions.keySet().stream()
                  .noneMatch(
                      key -> key.project().equals(it.project()) && key.model().equals(it.name()))
              && s.models.remove(List.of(it.project(), it.name())) != null;
      case Change.PutAlias it -> putAlias(s, it);
      case Change.DropAlias it -> {
        var key = List.of(it.project(), it.model(), it.alias());
        var old = s.aliases.remove(key);
        yield old != null && old.revision() == it.expected();
      }
      case Change.PutEndpoint it -> putEndpoint(s, it);
      case Change.PutInForce it -> putInForce(s, it.endpoint());
      case Change.DropEndpoint it -> {
        var key = List.of(it.project(), it.name());
        var old = s.endpoints.remove(key);
        s.revisions.removeIf(revision -> revision.getKey().equals(key));
        yield old != null && old.revision() == it.expected();
      }
      case Change.FirstKey it -> s.keys.isEmpty() && s.keys.add(it.key());
      case Change.NewEvent it ->
          s.events.add(
              new EventDocument(
                  s.events.size() + 1L,
                  it.at(),
                  it.project(),
                  it.subject(),
                  it.type(),
                  it.message()));
      case Change.AdvanceFeed it -> {
        boolean holds = s.feed == it.from();
        s.feed = it.to();
        yield holds;
      }
    };
  }

  private static boolean hasDigest(State s, String digest) {
    return s.versions.values().stream().anyMatch(it -> it.digest().equals(digest));
  }

  private static boolean newVersion(State s, VersionDocument version) {
    var model = List.of(version.project(), version.model());
    var counter = List.of("version", version.project(), version.model());
    boolean holds =
        s.models.containsKey(model)
            && s.counters.getOrDefault(counter, 0L) == version.version() - 1
            && s.versions.values().stream()
                .noneMatch(
                    it ->
                        it.project().equals(version.project())
                            && it.model().equals(version.model())
                            && it.digest().equals(version.digest()));
    s.counters.put(counter, (long) version.version());
    s.versions.put(key(version), version);
    return holds;
  }

  private static boolean putInForce(State s, EndpointRecord record) {
    var old = s.endpoints.get(List.of(record.project(), record.name()));
    if (old == null || old.revision() != record.revision() || !allExist(s, record)) {
      return false;
    }
    s.endpoints.put(List.of(record.project(), record.name()), record);
    return true;
  }

  private static boolean moveVersion(State s, Change.MoveVersion move) {
    var old = s.versions.get(move.version());
    if (old == null || old.state() != move.from()) {
      return false;
    }
    put(
        s,
        old,
        new Judged(move.to(), move.reason(), old.validations(), old.validatingAgain()),
        move.signature());
    return true;
  }

  private static boolean judgeAgain(State s, Change.JudgeAgain again) {
    var old = s.versions.get(again.version());
    if (old == null
        || old.state() != again.from()
        || old.validations() != again.times()
        || old.validatingAgain()) {
      return false;
    }
    boolean ready = again.from() == VersionState.READY;
    var state = ready ? VersionState.READY : VersionState.VALIDATING;
    put(s, old, new Judged(state, null, again.times() + 1, ready), null);
    return true;
  }

  private static boolean judgedAgain(State s, Change.JudgedAgain judged) {
    var old = s.versions.get(judged.version());
    if (old == null || old.validations() != judged.times() || !old.validatingAgain()) {
      return false;
    }
    put(s, old, new Judged(old.state(), judged.reason(), old.validations(), false), null);
    return true;
  }

  private record Judged(
      VersionState state, @Nullable String reason, int validations, boolean validatingAgain) {}

  private static void put(
      State s, VersionDocument old, Judged judged, @Nullable Signature signature) {
    s.versions.put(
        new VersionKey(old.project(), old.model(), old.version()),
        new VersionDocument(
            old.project(),
            old.model(),
            old.version(),
            old.digest(),
            judged.state(),
            judged.reason(),
            signature == null ? old.signature() : signature,
            old.format(),
            old.manifest(),
            old.artifacts(),
            old.createdAt(),
            judged.validations(),
            judged.validatingAgain()));
  }

  private static boolean putAlias(State s, Change.PutAlias put) {
    var key = List.of(put.project(), put.model(), put.alias());
    var old = s.aliases.get(key);
    long revision = old == null ? 0 : old.revision();
    s.aliases.put(key, new AliasDocument(put.alias(), put.version(), put.expected() + 1));
    return revision == put.expected()
        && s.versions.containsKey(new VersionKey(put.project(), put.model(), put.version()));
  }

  private static boolean putEndpoint(State s, Change.PutEndpoint put) {
    var record = put.endpoint();
    var key = List.of(record.project(), record.name());
    var counter = List.of("revision", record.project(), record.name());
    var old = s.endpoints.get(key);
    boolean holds =
        (old == null ? 0 : old.revision()) == put.expected()
            && s.counters.getOrDefault(counter, 0L) == record.revision() - 1
            && allExist(s, record);
    s.counters.put(counter, record.revision());
    s.endpoints.put(key, record);
    s.revisions.add(
        Map.entry(
            key,
            new EndpointRevision(
                record.revision(),
                record.spec(),
                record.changedAt(),
                record.changedBy(),
                record.origin().reason())));
    return holds;
  }

  private static boolean allExist(State s, EndpointRecord record) {
    return record.references().stream()
        .allMatch(
            it ->
                s.versions.containsKey(new VersionKey(record.project(), it.model(), it.version())));
  }

  private static boolean used(State s, VersionKey key) {
    return s.aliases.entrySet().stream()
            .anyMatch(
                it ->
                    it.getKey().subList(0, 2).equals(List.of(key.project(), key.model()))
                        && it.getValue().version() == key.version())
        || s.endpoints.values().stream().anyMatch(it -> names(it, key));
  }

  private static boolean names(EndpointRecord endpoint, VersionKey key) {
    return endpoint.project().equals(key.project())
        && endpoint.references().contains(new EndpointRecord.Reference(key.model(), key.version()));
  }

  private static VersionKey key(VersionDocument version) {
    return new VersionKey(version.project(), version.model(), version.version());
  }

  @Override
  public synchronized Optional<ModelDocument> model(String project, String name) {
    return Optional.ofNullable(state.models.get(List.of(project, name)))
        .map(
            at ->
                new ModelDocument(
                    project,
                    name,
                    versions(project, name, Long.MAX_VALUE, 1).stream()
                        .mapToInt(VersionDocument::version)
                        .findFirst()
                        .orElse(0),
                    aliasesOf(project, name),
                    at));
  }

  private Map<String, Integer> aliasesOf(String project, String name) {
    var aliases = new TreeMap<String, Integer>();
    state.aliases.forEach(
        (key, alias) -> {
          if (key.subList(0, 2).equals(List.of(project, name))) {
            aliases.put(alias.alias(), alias.version());
          }
        });
    return aliases;
  }

  @Override
  public synchronized List<ModelDocument> models(String project, String afterName, int limit) {
    return state.models.keySet().stream()
        .filter(it -> it.get(0).equals(project) && it.get(1).compareTo(afterName) > 0)
        .map(it -> it.get(1))
        .sorted()
        .limit(limit)
        .map(it -> model(project, it).orElseThrow())
        .toList();
  }

  @Override
  public synchronized Optional<VersionDocument> version(VersionKey key) {
    return Optional.ofNullable(state.versions.get(key));
  }

  @Override
  public synchronized Optional<VersionDocument> versionByDigest(
      String project, String model, String digest) {
    return versions(project, model, Long.MAX_VALUE, Integer.MAX_VALUE).stream()
        .filter(it -> it.digest().equals(digest))
        .findFirst();
  }

  @Override
  public synchronized List<VersionDocument> versions(
      String project, String model, long below, int limit) {
    return state.versions.values().stream()
        .filter(it -> it.project().equals(project) && it.model().equals(model))
        .filter(it -> it.version() < below)
        .sorted(Comparator.comparing(VersionDocument::version).reversed())
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<VersionDocument> versionsJudgedAgain(int limit) {
    return state.versions.values().stream()
        .filter(VersionDocument::validatingAgain)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<VersionDocument> versionsIn(VersionState wanted, int limit) {
    return state.versions.values().stream()
        .filter(it -> it.state() == wanted)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<Profile> profiles(Collection<String> digests) {
    return state.profiles.values().stream().filter(it -> digests.contains(it.digest())).toList();
  }

  @Override
  public synchronized int lastVersion(String project, String model) {
    return state.counters.getOrDefault(List.of("version", project, model), 0L).intValue();
  }

  @Override
  public synchronized Optional<AliasDocument> alias(String project, String model, String alias) {
    return Optional.ofNullable(state.aliases.get(List.of(project, model, alias)));
  }

  @Override
  public synchronized Optional<EndpointRecord> endpoint(String project, String name) {
    return Optional.ofNullable(state.endpoints.get(List.of(project, name)));
  }

  @Override
  public synchronized List<EndpointRecord> endpoints(String project, String afterName, int limit) {
    return state.endpoints.values().stream()
        .filter(it -> it.project().equals(project) && it.name().compareTo(afterName) > 0)
        .sorted(Comparator.comparing(EndpointRecord::name))
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<EndpointRecord> allEndpoints() {
    return List.copyOf(state.endpoints.values());
  }

  @Override
  public synchronized List<String> endpointsUsing(VersionKey key) {
    return state.endpoints.values().stream()
        .filter(it -> names(it, key))
        .map(EndpointRecord::name)
        .toList();
  }

  @Override
  public synchronized List<EndpointRevision> revisions(
      String project, String name, long below, int limit) {
    return state.revisions.stream()
        .filter(it -> it.getKey().equals(List.of(project, name)))
        .map(Map.Entry::getValue)
        .filter(it -> it.revision() < below)
        .sorted(Comparator.comparing(EndpointRevision::revision).reversed())
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized long lastRevision(String project, String name) {
    return state.counters.getOrDefault(List.of("revision", project, name), 0L);
  }

  @Override
  public synchronized List<Snapshot.KeyEntry> keys() {
    return List.copyOf(state.keys);
  }

  @Override
  public synchronized List<EventDocument> events(
      String project, Collection<String> subjects, long after, int limit) {
    return state.events.stream()
        .filter(it -> it.project().equals(project) && subjects.contains(it.subject()))
        .filter(it -> it.sequence() > after)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized Set<String> referenced(Collection<String> digests) {
    var named = new HashSet<String>();
    for (var version : state.versions.values()) {
      version.artifacts().stream().map(Artifact::digest).forEach(named::add);
    }
    named.retainAll(new HashSet<>(digests));
    return named;
  }

  @Override
  public synchronized Feed feed() {
    return new Feed("memory", state.feed);
  }
}
