package dev.millrace.registry;

import dev.millrace.protocol.internal.AdmissionReport;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.registry.alias.Aliases;
import dev.millrace.registry.artifact.ArtifactCollector;
import dev.millrace.registry.artifact.BlobStore;
import dev.millrace.registry.bundle.BundleReader;
import dev.millrace.registry.endpoint.Endpoints;
import dev.millrace.registry.endpoint.RepositoryModels;
import dev.millrace.registry.event.Events;
import dev.millrace.registry.event.Journal;
import dev.millrace.registry.key.Keys;
import dev.millrace.registry.member.MemberDirectory;
import dev.millrace.registry.model.Models;
import dev.millrace.registry.placement.Judges;
import dev.millrace.registry.placement.PlacementPolicy;
import dev.millrace.registry.snapshot.Reconciler;
import dev.millrace.registry.snapshot.SnapshotPublisher;
import dev.millrace.registry.snippet.Snippets;
import dev.millrace.registry.store.ModelStore;
import dev.millrace.registry.version.Admissions;
import dev.millrace.registry.version.Profiles;
import dev.millrace.registry.version.Uploads;
import dev.millrace.registry.version.Validations;
import dev.millrace.registry.version.Versions;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A registry put together: the use cases over one store and one blob store. Thread-safe once {@link
 * #start} has returned. It owns neither store; {@link #close} lets waiting followers go.
 */
public final class Registry implements AutoCloseable {
  private final BlobStore blobs;
  private final MemberDirectory members;
  private final SnapshotPublisher publisher;
  private final Journal journal;
  private final Reconciler reconciler;
  private final ArtifactCollector collector;
  private final Admissions admissions;
  private final Judges judges;
  private final Consumer<RuntimeException> failures;

  private volatile boolean unfinished;

  private final Models models;
  private final Versions versions;
  private final Uploads uploads;
  private final Profiles profiles;
  private final Validations validations;
  private final Aliases aliases;
  private final Endpoints endpoints;
  private final RepositoryModels repository;
  private final Snippets snippets;
  private final Events events;
  private final Keys keys;

  /**
   * What a registry stands on.
   *
   * @param clock dates what is stored
   * @param ticker nanoseconds of a clock that never jumps, for time-outs
   * @param failures told when a round of reconciling failed; the next round makes it good
   */
  public record Ground(
      ModelStore store,
      BlobStore blobs,
      InstantSource clock,
      LongSupplier ticker,
      Consumer<RuntimeException> failures) {}

  /** A registry that has not started. */
  public Registry(Ground ground, RegistryOptions options) {
    var store = ground.store();
    this.blobs = ground.blobs();
    this.failures = ground.failures();
    this.journal = new Journal(store, ground.clock());
    this.members = new MemberDirectory(options.memberTimeToLive(), ground.ticker());
    this.publisher = new SnapshotPublisher(options.settle(), ground.ticker());
    this.judges = new Judges(options.verdictPatience(), ground.ticker());
    this.reconciler =
        new Reconciler(
            store, journal, members, new PlacementPolicy(options.replicas()), judges, publisher);
    this.collector = new ArtifactCollector(store, blobs);
    this.admissions = new Admissions(store, journal);
    this.models = new Models(store, journal);
    this.versions = new Versions(store, journal, collector);
    this.profiles = new Profiles(store, journal);
    this.validations = new Validations(store, journal);
    this.uploads =
        new Uploads(store, journal, new BundleReader(blobs, options.uploads()), collector);
    this.aliases = new Aliases(store, journal);
    this.endpoints = new Endpoints(store, journal, members, judges);
    this.repository = new RepositoryModels(store, endpoints);
    this.snippets = new Snippets(endpoints, versions, profiles);
    this.events = new Events(store);
    this.keys = new Keys(store, journal, new SecureRandom());
    journal.afterEachCommit(this::reconcile);
  }

  /**
   * What a start found and did.
   *
   * @param sweptFiles files of uploads that a crash had broken off
   * @param firstKey the admin key of a new database in plain text, this once
   */
  public record Started(int sweptFiles, Optional<String> firstKey) {}

  /**
   * Cleans up after crashes, makes the first key, publishes the first snapshot. Once.
   *
   * @param keeper takes the plain text of a first key before it is valid
   */
  public Started start(Consumer<String> keeper) throws IOException {
    int swept = blobs.sweepStaged() + collector.collectAll();
    var key = keys.bootstrap(keeper);
    reconciler.reconcile();
    return new Started(swept, key);
  }

  /**
   * Forgets silent members, asks others for verdicts that do not come, and makes good what failed;
   * to be called about once a second.
   */
  public List<String> tick() {
    var gone = members.expire();
    if (!gone.isEmpty() || unfinished || judges.anySilent()) {
      reconcile();
    }
    return gone;
  }

  /** Takes a runtime's report; whether it changed anything. */
  public boolean report(MemberReport member) {
    var changed = members.report(member);
    if (changed) {
      reconcile();
    }
    return changed;
  }

  /** Forgets a runtime; unknown ids are ignored. */
  public boolean leave(String memberId) {
    var known = members.leave(memberId);
    if (known) {
      reconcile();
    }
    return known;
  }

  /** Takes a runtime's verdict on a version. */
  public void admission(AdmissionReport verdict) {
    admissions.verdict(verdict);
  }

  /** The write that led here is durable: its caller must not see the round fail. */
  private void reconcile() {
    try {
      reconciler.reconcile();
      unfinished = false;
    } catch (RuntimeException failure) {
      unfinished = true;
      failures.accept(failure);
    }
  }

  /** The durable files. */
  public BlobStore blobs() {
    return blobs;
  }

  /** The runtimes that are alive. */
  public MemberDirectory members() {
    return members;
  }

  /** The snapshot feed. */
  public SnapshotPublisher snapshots() {
    return publisher;
  }

  /** Commits and who is told of them. */
  public Journal journal() {
    return journal;
  }

  /** Models. */
  public Models models() {
    return models;
  }

  /** Versions. */
  public Versions versions() {
    return versions;
  }

  /** What was measured of versions. */
  public Profiles profiles() {
    return profiles;
  }

  /** Further verdicts on versions. */
  public Validations validations() {
    return validations;
  }

  /** Uploads. */
  public Uploads uploads() {
    return uploads;
  }

  /** Aliases. */
  public Aliases aliases() {
    return aliases;
  }

  /** Endpoints. */
  public Endpoints endpoints() {
    return endpoints;
  }

  /** Endpoints as the protocol's repository of models. */
  public RepositoryModels repository() {
    return repository;
  }

  /** How endpoints are called. */
  public Snippets snippets() {
    return snippets;
  }

  /** What happened. */
  public Events events() {
    return events;
  }

  @Override
  public void close() {
    publisher.close();
    journal.wakeAll();
  }
}
