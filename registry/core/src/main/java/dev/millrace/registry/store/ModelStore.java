package dev.millrace.registry.store;

import dev.millrace.protocol.control.AliasDocument;
import dev.millrace.protocol.control.EndpointRevision;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.ModelDocument;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.VersionKey;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Durable metadata of the registry.
 *
 * <p>Every read sees committed state only, and what {@link #commit} acknowledged survives a crash
 * of the process at any later moment. Lists are bounded by {@code limit}. Thread-safe. A store that
 * cannot be reached fails with an unchecked exception of its own; callers do not handle it.
 */
public interface ModelStore {
  /**
   * Applies all changes, or none when the condition of any of them does not hold.
   *
   * @return whether the changes were applied
   */
  boolean commit(List<Change> changes);

  /** A model with its highest version and its aliases. */
  Optional<ModelDocument> model(String project, String name);

  /** Models of a project by name, after {@code afterName} ("" for the first). */
  List<ModelDocument> models(String project, String afterName, int limit);

  /** One version. */
  Optional<VersionDocument> version(VersionKey key);

  /** The version of a model whose artifacts have this digest. */
  Optional<VersionDocument> versionByDigest(String project, String model, String digest);

  /** Versions of a model from the newest down, numbers below {@code below}. */
  List<VersionDocument> versions(String project, String model, long below, int limit);

  /** Versions in a state, oldest first. */
  List<VersionDocument> versionsIn(VersionState state, int limit);

  /** READY versions that are to be judged once more, the oldest first. */
  List<VersionDocument> versionsJudgedAgain(int limit);

  /** What was measured of the versions with these digests, by digest and hardware class. */
  List<Profile> profiles(Collection<String> digests);

  /** The highest number ever given to a version of the model, deleted ones too; 0 for none. */
  int lastVersion(String project, String model);

  /** One alias. */
  Optional<AliasDocument> alias(String project, String model, String alias);

  /** One endpoint. */
  Optional<EndpointRecord> endpoint(String project, String name);

  /** Endpoints of a project by name, after {@code afterName} ("" for the first). */
  List<EndpointRecord> endpoints(String project, String afterName, int limit);

  /** Endpoints of all projects. */
  List<EndpointRecord> allEndpoints();

  /** Names of the endpoints whose spec or traffic names the version. */
  List<String> endpointsUsing(VersionKey key);

  /** Revisions of an endpoint from the newest down, numbers below {@code below}. */
  List<EndpointRevision> revisions(String project, String name, long below, int limit);

  /** The highest revision ever given to an endpoint of that name; 0 for none. */
  long lastRevision(String project, String name);

  /** All credentials. */
  List<Snapshot.KeyEntry> keys();

  /** Events on any of {@code subjects} with a sequence above {@code after}, oldest first. */
  List<EventDocument> events(String project, Collection<String> subjects, long after, int limit);

  /** Digests of the artifacts that some version names, out of {@code digests}. */
  Set<String> referenced(Collection<String> digests);

  /** Where the snapshot feed stands. */
  Feed feed();

  /**
   * Where the snapshot feed stands.
   *
   * @param epoch identifies this database; made with it and never changed
   * @param number of the last snapshot; 0 before the first
   */
  record Feed(String epoch, long number) {}
}
