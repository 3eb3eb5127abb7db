package dev.millrace.registry.server.jdbc;

import dev.millrace.protocol.control.AliasDocument;
import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.EndpointRevision;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.ModelDocument;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.EndpointRecord;
import dev.millrace.registry.store.ModelStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The metadata store on H2 or PostgreSQL, whose schema Flyway has made.
 *
 * <p>H2 acknowledges a commit before it is on the disk; there, each commit is followed by a
 * checkpoint with fsync, so that an acknowledged write survives a killed process and a power cut.
 */
public final class JdbcModelStore implements ModelStore {
  /** Rounds against deadlocks and lock time-outs, which the database resolves by failing one. */
  private static final int ATTEMPTS = 5;

  private static final String OLDEST_FIRST =
      " ORDER BY created_at, project, model, number FETCH FIRST %d ROWS ONLY";

  private final Jdbi jdbi;
  private final boolean checkpoints;

  /** A store on {@code source}, which it does not close. */
  public JdbcModelStore(DataSource source) {
    this.jdbi = Jdbi.create(source);
    try {
      this.checkpoints = jdbi.withHandle(JdbcModelStore::isH2);
    } catch (SQLException unreachable) {
      throw new IllegalStateException("the metadata database does not answer", unreachable);
    }
    makeFeed();
  }

  private static boolean isH2(Handle handle) throws SQLException {
    return handle.getConnection().getMetaData().getDatabaseProductName().equalsIgnoreCase("H2");
  }

  private void makeFeed() {
    jdbi.useTransaction(
        handle -> {
          if (handle.createQuery("SELECT COUNT(*) FROM feed").mapTo(Integer.class).one() == 0) {
            handle.execute(
                "INSERT INTO feed (id, epoch, number) VALUES (1, ?, 0)",
                UUID.randomUUID().toString());
          }
        });
    checkpoint();
  }

  @Override
  public boolean commit(List<Change> changes) {
    for (int attempt = 1; ; attempt++) {
      try {
        var applied = jdbi.inTransaction(handle -> apply(handle, changes));
        if (applied) {
          checkpoint();
        }
        return applied;
      } catch (JdbiException failure) {
        var state = sqlState(failure);
        if (state.startsWith("23")) {
          return false;
        }
        boolean worthARepeat = state.startsWith("40") || state.equals("HYT00");
        if (!worthARepeat || attempt == ATTEMPTS) {
          throw failure;
        }
      }
    }
  }

  private static boolean apply(Handle handle, List<Change> changes) {
    var writer = new ChangeWriter(handle);
    for (var change : changes) {
      if (!writer.write(change)) {
        handle.rollback();
        return false;
      }
    }
    return true;
  }

  private void checkpoint() {
    if (checkpoints) {
      jdbi.useHandle(handle -> handle.execute("CHECKPOINT SYNC"));
    }
  }

  private static String sqlState(Throwable failure) {
    for (Throwable it = failure; it != null; it = it.getCause()) {
      if (it instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return "";
  }

  @Override
  public Optional<ModelDocument> model(String project, String name) {
    return models("WHERE m.project = ? AND m.name = ?", project, name).stream().findFirst();
  }

  @Override
  public List<ModelDocument> models(String project, String afterName, int limit) {
    return models(
        "WHERE m.project = ? AND m.name > ? ORDER BY m.name FETCH FIRST " + limit + " ROWS ONLY",
        project,
        afterName);
  }

  private List<ModelDocument> models(String where, String project, String name) {
    return jdbi.withHandle(
        handle ->
            handle
                .select(
                    "SELECT m.name, m.created_at, (SELECT MAX(v.number) FROM version v WHERE"
                        + " v.project = m.project AND v.model = m.name) AS latest FROM model m "
                        + where,
                    project,
                    name)
                .map(
                    (row, context) -> {
                      var model = row.getString("name");
                      return new ModelDocument(
                          project,
                          model,
                          row.getInt("latest"),
                          aliases(handle, project, model),
                          Instant.ofEpochMilli(row.getLong("created_at")));
                    })
                .list());
  }

  private static Map<String, Integer> aliases(Handle handle, String project, String model) {
    var aliases = new TreeMap<String, Integer>();
    handle
        .select("SELECT name, number FROM alias WHERE project = ? AND model = ?", project, model)
        .map((row, context) -> Map.entry(row.getString("name"), row.getInt("number")))
        .forEach(it -> aliases.put(it.getKey(), it.getValue()));
    return aliases;
  }

  @Override
  public Optional<VersionDocument> version(VersionKey key) {
    return versions(
            "WHERE project = ? AND model = ? AND number = ?",
            key.project(),
            key.model(),
            key.version())
        .stream()
        .findFirst();
  }

  @Override
  public Optional<VersionDocument> versionByDigest(String project, String model, String digest) {
    return versions("WHERE project = ? AND model = ? AND digest = ?", project, model, digest)
        .stream()
        .findFirst();
  }

  @Override
  public List<VersionDocument> versions(String project, String model, long below, int limit) {
    return versions(
        "WHERE project = ? AND model = ? AND number < ? ORDER BY number DESC FETCH FIRST "
            + limit
            + " ROWS ONLY",
        project,
        model,
        Math.min(below, Integer.MAX_VALUE));
  }

  @Override
  public List<VersionDocument> versionsJudgedAgain(int limit) {
    return versions("WHERE validating_again = TRUE" + OLDEST_FIRST.formatted(limit));
  }

  @Override
  public List<VersionDocument> versionsIn(VersionState state, int limit) {
    return versions("WHERE state = ?" + OLDEST_FIRST.formatted(limit), state.name());
  }

  private List<VersionDocument> versions(String where, Object... arguments) {
    return jdbi.withHandle(
        handle ->
            handle
                .select("SELECT * FROM version " + where, arguments)
                .map((row, context) -> Rows.version(row, artifacts(handle, row)))
                .list());
  }

  private static List<Artifact> artifacts(Handle handle, ResultSet version) throws SQLException {
    return handle
        .select(
            "SELECT name, digest, size_bytes FROM artifact"
                + " WHERE project = ? AND model = ? AND number = ? ORDER BY position",
            version.getString("project"),
            version.getString("model"),
            version.getInt("number"))
        .map((row, context) -> Rows.artifact(row))
        .list();
  }

  @Override
  public List<Profile> profiles(Collection<String> digests) {
    if (digests.isEmpty()) {
      return List.of();
    }
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "SELECT document FROM profile WHERE digest IN (<digests>)"
                        + " ORDER BY digest, hardware_class")
                .bindList("digests", List.copyOf(digests))
                .map((row, context) -> Rows.fromJson(row.getString("document"), Profile.class))
                .list());
  }

  @Override
  public int lastVersion(String project, String model) {
    return (int) lastNumber("version", project, model);
  }

  @Override
  public long lastRevision(String project, String name) {
    return lastNumber("revision", project, name);
  }

  private long lastNumber(String kind, String project, String name) {
    return jdbi.withHandle(
        handle ->
            handle
                .select(
                    "SELECT last_number FROM numbering"
                        + " WHERE kind = ? AND project = ? AND name = ?",
                    kind,
                    project,
                    name)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L));
  }

  @Override
  public Optional<AliasDocument> alias(String project, String model, String alias) {
    return jdbi.withHandle(
        handle ->
            handle
                .select(
                    "SELECT number, revision FROM alias"
                        + " WHERE project = ? AND model = ? AND name = ?",
                    project,
                    model,
                    alias)
                .map(
                    (row, context) ->
                        new AliasDocument(alias, row.getInt("number"), row.getLong("revision")))
                .findOne());
  }

  @Override
  public Optional<EndpointRecord> endpoint(String project, String name) {
    return endpoints("WHERE project = ? AND name = ?", project, name).stream().findFirst();
  }

  @Override
  public List<EndpointRecord> endpoints(String project, String afterName, int limit) {
    return endpoints(
        "WHERE project = ? AND name > ? ORDER BY name FETCH FIRST " + limit + " ROWS ONLY",
        project,
        afterName);
  }

  @Override
  public List<EndpointRecord> allEndpoints() {
    return endpoints("ORDER BY project, name");
  }

  private List<EndpointRecord> endpoints(String where, Object... arguments) {
    return jdbi.withHandle(
        handle ->
            handle
                .select("SELECT * FROM endpoint " + where, arguments)
                .map((row, context) -> Rows.endpoint(row))
                .list());
  }

  @Override
  public List<String> endpointsUsing(VersionKey key) {
    return jdbi.withHandle(
        handle ->
            handle
                .select(
                    "SELECT endpoint FROM endpoint_target"
                        + " WHERE project = ? AND model = ? AND number = ? ORDER BY endpoint",
                    key.project(),
                    key.model(),
                    key.version())
                .mapTo(String.class)
                .list());
  }

  @Override
  public List<EndpointRevision> revisions(String project, String name, long below, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .select(
                    "SELECT * FROM endpoint_revision WHERE project = ? AND name = ? AND revision"
                        + " < ? ORDER BY revision DESC FETCH FIRST "
                        + limit
                        + " ROWS ONLY",
                    project,
                    name,
                    below)
                .map((row, context) -> Rows.revision(row))
                .list());
  }

  @Override
  public List<Snapshot.KeyEntry> keys() {
    return jdbi.withHandle(
        handle ->
            handle
                .select("SELECT * FROM api_key ORDER BY id")
                .map((row, context) -> Rows.key(row))
                .list());
  }

  @Override
  public List<EventDocument> events(
      String project, Collection<String> subjects, long after, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "SELECT * FROM event WHERE project = :project AND subject IN (<subjects>)"
                        + " AND seq > :after ORDER BY seq FETCH FIRST "
                        + limit
                        + " ROWS ONLY")
                .bind("project", project)
                .bindList("subjects", List.copyOf(subjects))
                .bind("after", after)
                .map((row, context) -> Rows.event(row))
                .list());
  }

  @Override
  public Set<String> referenced(Collection<String> digests) {
    return jdbi.withHandle(
        handle ->
            digests.stream()
                .distinct()
                .filter(digest -> isReferenced(handle, digest))
                .collect(Collectors.toSet()));
  }

  private static boolean isReferenced(Handle handle, String digest) {
    return handle
        .select("SELECT 1 FROM artifact WHERE digest = ? FETCH FIRST 1 ROWS ONLY", digest)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  @Override
  public Feed feed() {
    return jdbi.withHandle(
        handle ->
            handle
                .select("SELECT epoch, number FROM feed WHERE id = 1")
                .map((row, context) -> new Feed(row.getString("epoch"), row.getLong("number")))
                .one());
  }
}
