package dev.millrace.registry.server.jdbc;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.EndpointRecord;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * Writes changes inside one open transaction. Each condition is part of the statement that changes
 * the row, or a key of the schema, so that it holds at the commit whatever others do meanwhile.
 */
final class ChangeWriter {
  private static final int KEPT_EVENTS = 10_000;

  /** Old events go in batches: one delete in a hundred inserts. */
  private static final int PRUNE_EVERY = 100;

  private final Handle handle;

  ChangeWriter(Handle handle) {
    this.handle = handle;
  }

  /** Whether the condition held; a key of the schema that does not hold is an exception. */
  boolean write(Change change) {
    return switch (change) {
      case Change.NewModel it ->
          1
              == handle.execute(
                  "INSERT INTO model (project, name, created_at) VALUES (?, ?, ?)",
                  it.project(),
                  it.name(),
                  it.at().toEpochMilli());
      case Change.NewVersion it -> newVersion(it.version());
      case Change.MoveVersion it -> moveVersion(it);
      case Change.JudgeAgain it -> judgeAgain(it);
      case Change.JudgedAgain it -> judgedAgain(it);
      case Change.PutProfile it -> putProfile(it.profile());
      case Change.DropVersion it -> dropVersion(it);
      case Change.DropModel it ->
          1
              == handle.execute(
                  "DELETE FROM model WHERE project = ? AND name = ?", it.project(), it.name());
      case Change.PutAlias it -> putAlias(it);
      case Change.DropAlias it ->
          1
              == handle.execute(
                  "DELETE FROM alias WHERE project = ? AND model = ? AND name = ? AND revision = ?",
                  it.project(),
                  it.model(),
                  it.alias(),
                  it.expected());
      case Change.PutEndpoint it -> putEndpoint(it.endpoint(), it.expected());
      case Change.PutInForce it -> putInForce(it.endpoint());
      case Change.DropEndpoint it -> dropEndpoint(it);
      case Change.FirstKey it -> firstKey(it);
      case Change.NewEvent it -> newEvent(it);
      case Change.AdvanceFeed it ->
          1
              == handle.execute(
                  "UPDATE feed SET number = ? WHERE id = 1 AND number = ?", it.to(), it.from());
    };
  }

  private boolean newVersion(VersionDocument version) {
    if (!number("version", version.project(), version.model(), version.version())) {
      return false;
    }
    handle
        .createUpdate(
            "INSERT INTO version (project, model, number, digest, state, reason, signature,"
                + " onnx_format, manifest, created_at) VALUES (:project, :model, :number, :digest,"
                + " :state, :reason, :signature, :format, :manifest, :at)")
        .bind("project", version.project())
        .bind("model", version.model())
        .bind("number", version.version())
        .bind("digest", version.digest())
        .bind("state", version.state().name())
        .bind("reason", version.reason())
        .bind("signature", Rows.json(version.signature()))
        .bind("format", Rows.json(version.format()))
        .bind("manifest", Rows.json(version.manifest()))
        .bind("at", version.createdAt().toEpochMilli())
        .execute();
    int position = 0;
    for (var artifact : version.artifacts()) {
      handle.execute(
          "INSERT INTO artifact (project, model, number, name, position, digest, size_bytes)"
              + " VALUES (?, ?, ?, ?, ?, ?, ?)",
          version.project(),
          version.model(),
          version.version(),
          artifact.name(),
          position++,
          artifact.digest(),
          artifact.size());
    }
    return true;
  }

  /** Takes the next number; false when it is not the next. */
  private boolean number(String kind, String project, String name, long number) {
    if (number == 1) {
      return 1
          == handle.execute(
              "INSERT INTO numbering (kind, project, name, last_number) VALUES (?, ?, ?, 1)",
              kind,
              project,
              name);
    }
    return 1
        == handle.execute(
            "UPDATE numbering SET last_number = ?"
                + " WHERE kind = ? AND project = ? AND name = ? AND last_number = ?",
            number,
            kind,
            project,
            name,
            number - 1);
  }

  private boolean moveVersion(Change.MoveVersion move) {
    var signature = move.signature();
    var update =
        handle
            .createUpdate(
                "UPDATE version SET state = :to, reason = :reason"
                    + (signature == null ? "" : ", signature = :signature")
                    + " WHERE project = :project AND model = :model AND number = :number"
                    + " AND state = :from")
            .bind("to", move.to().name())
            .bind("reason", move.reason())
            .bind("project", move.version().project())
            .bind("model", move.version().model())
            .bind("number", move.version().version())
            .bind("from", move.from().name());
    if (signature != null) {
      update.bind("signature", Rows.json(signature));
    }
    return update.execute() == 1;
  }

  private boolean judgeAgain(Change.JudgeAgain again) {
    boolean ready = again.from() == VersionState.READY;
    return 1
        == handle.execute(
            "UPDATE version SET state = ?, reason = NULL, validations = ?, validating_again = ?"
                + " WHERE project = ? AND model = ? AND number = ? AND state = ? AND validations ="
                + " ? AND validating_again = FALSE",
            (ready ? VersionState.READY : VersionState.VALIDATING).name(),
            again.times() + 1,
            ready,
            again.version().project(),
            again.version().model(),
            again.version().version(),
            again.from().name(),
            again.times());
  }

  private boolean judgedAgain(Change.JudgedAgain judged) {
    return 1
        == handle.execute(
            "UPDATE version SET validating_again = FALSE, reason = ? WHERE project = ? AND model = ?"
                + " AND number = ? AND validations = ? AND validating_again = TRUE",
            judged.reason(),
            judged.version().project(),
            judged.version().model(),
            judged.version().version(),
            judged.times());
  }

  private boolean putProfile(Profile profile) {
    handle.execute(
        "DELETE FROM profile WHERE digest = ? AND hardware_class = ?",
        profile.digest(),
        profile.hardwareClass());
    int versions =
        handle
            .select("SELECT COUNT(*) FROM version WHERE digest = ?", profile.digest())
            .mapTo(Integer.class)
            .one();
    return versions > 0
        && 1
            == handle.execute(
                "INSERT INTO profile (digest, hardware_class, document) VALUES (?, ?, ?)",
                profile.digest(),
                profile.hardwareClass(),
                Rows.json(profile));
  }

  private boolean dropVersion(Change.DropVersion drop) {
    var key = drop.version();
    handle.execute(
        "DELETE FROM profile WHERE digest IN (SELECT digest FROM version"
            + " WHERE project = ? AND model = ? AND number = ?) AND (SELECT COUNT(*) FROM version"
            + " v WHERE v.digest = profile.digest) = 1",
        key.project(),
        key.model(),
        key.version());
    handle.execute(
        "DELETE FROM artifact WHERE project = ? AND model = ? AND number = ?",
        key.project(),
        key.model(),
        key.version());
    return 1
        == handle.execute(
            "DELETE FROM version WHERE project = ? AND model = ? AND number = ?",
            key.project(),
            key.model(),
            key.version());
  }

  private boolean putAlias(Change.PutAlias put) {
    if (put.expected() == 0) {
      return 1
          == handle.execute(
              "INSERT INTO alias (project, model, name, number, revision) VALUES (?, ?, ?, ?, 1)",
              put.project(),
              put.model(),
              put.alias(),
              put.version());
    }
    return 1
        == handle.execute(
            "UPDATE alias SET number = ?, revision = ?"
                + " WHERE project = ? AND model = ? AND name = ? AND revision = ?",
            put.version(),
            put.expected() + 1,
            put.project(),
            put.model(),
            put.alias(),
            put.expected());
  }

  private boolean putEndpoint(EndpointRecord endpoint, long expected) {
    if (!number("revision", endpoint.project(), endpoint.name(), endpoint.revision())) {
      return false;
    }
    var sql =
        expected == 0
            ? "INSERT INTO endpoint (project, name, revision, spec, in_force, changed_at,"
                + " changed_by, reason) VALUES (:project, :name, :revision, :spec, :inForce, :at,"
                + " :by, :reason)"
            : "UPDATE endpoint SET revision = :revision, spec = :spec, in_force = :inForce,"
                + " changed_at = :at, changed_by = :by, reason = :reason"
                + " WHERE project = :project AND name = :name AND revision = :expected";
    var update = bind(handle.createUpdate(sql), endpoint);
    if (expected != 0) {
      update.bind("expected", expected);
    }
    if (update.bind("inForce", inForce(endpoint)).execute() != 1) {
      return false;
    }
    bind(
            handle.createUpdate(
                "INSERT INTO endpoint_revision (project, name, revision, spec, changed_at,"
                    + " changed_by, reason) VALUES (:project, :name, :revision, :spec, :at, :by,"
                    + " :reason)"),
            endpoint)
        .execute();
    writeTargets(endpoint);
    return true;
  }

  private static Update bind(Update update, EndpointRecord endpoint) {
    return update
        .bind("project", endpoint.project())
        .bind("name", endpoint.name())
        .bind("revision", endpoint.revision())
        .bind("spec", Rows.json(endpoint.spec()))
        .bind("at", endpoint.changedAt().toEpochMilli())
        .bind("by", endpoint.changedBy())
        .bind("reason", endpoint.origin().reason());
  }

  private static @Nullable String inForce(EndpointRecord endpoint) {
    var inForce = endpoint.inForce();
    return inForce == null ? null : Rows.json(inForce);
  }

  private boolean putInForce(EndpointRecord endpoint) {
    int updated =
        handle
            .createUpdate(
                "UPDATE endpoint SET in_force = :inForce"
                    + " WHERE project = :project AND name = :name AND revision = :revision")
            .bind("inForce", inForce(endpoint))
            .bind("project", endpoint.project())
            .bind("name", endpoint.name())
            .bind("revision", endpoint.revision())
            .execute();
    if (updated != 1) {
      return false;
    }
    writeTargets(endpoint);
    return true;
  }

  private void writeTargets(EndpointRecord endpoint) {
    dropTargets(endpoint.project(), endpoint.name());
    for (var target : endpoint.references()) {
      handle.execute(
          "INSERT INTO endpoint_target (project, endpoint, model, number) VALUES (?, ?, ?, ?)",
          endpoint.project(),
          endpoint.name(),
          target.model(),
          target.version());
    }
  }

  private void dropTargets(String project, String endpoint) {
    handle.execute(
        "DELETE FROM endpoint_target WHERE project = ? AND endpoint = ?", project, endpoint);
  }

  private boolean dropEndpoint(Change.DropEndpoint drop) {
    dropTargets(drop.project(), drop.name());
    handle.execute(
        "DELETE FROM endpoint_revision WHERE project = ? AND name = ?",
        drop.project(),
        drop.name());
    return 1
        == handle.execute(
            "DELETE FROM endpoint WHERE project = ? AND name = ? AND revision = ?",
            drop.project(),
            drop.name(),
            drop.expected());
  }

  private boolean firstKey(Change.FirstKey first) {
    // The feed's row is the lock: of two first starts on one database, one makes the key.
    handle.execute("UPDATE feed SET number = number WHERE id = 1");
    int keys = handle.createQuery("SELECT COUNT(*) FROM api_key").mapTo(Integer.class).one();
    if (keys > 0) {
      return false;
    }
    var key = first.key();
    return 1
        == handle.execute(
            "INSERT INTO api_key (id, salt, hash, project, roles, created_at)"
                + " VALUES (?, ?, ?, ?, ?, ?)",
            key.id(),
            key.salt(),
            key.hash(),
            key.project(),
            String.join(",", key.roles()),
            first.at().toEpochMilli());
  }

  private boolean newEvent(Change.NewEvent event) {
    long sequence =
        handle
            .createUpdate(
                "INSERT INTO event (happened_at, project, subject, type, message)"
                    + " VALUES (:at, :project, :subject, :type, :message)")
            .bind("at", event.at().toEpochMilli())
            .bind("project", event.project())
            .bind("subject", event.subject())
            .bind("type", event.type())
            .bind("message", event.message())
            .executeAndReturnGeneratedKeys("seq")
            .mapTo(Long.class)
            .one();
    if (sequence % PRUNE_EVERY == 0) {
      handle.execute("DELETE FROM event WHERE seq <= ?", sequence - KEPT_EVENTS);
    }
    return true;
  }
}
