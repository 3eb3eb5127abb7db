package dev.millrace.registry.server.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.EndpointRevision;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.EventDocument;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.registry.store.Change;
import dev.millrace.registry.store.EndpointRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From rows to documents, and documents to JSON text. Unknown fields are of newer versions. */
final class Rows {
  private Rows() {}

  static String json(Object document) {
    try {
      return ControlJson.lenient().writeValueAsString(document);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static <T> T fromJson(String json, Class<T> type) {
    try {
      return ControlJson.lenient().readValue(json, type);
    } catch (JsonProcessingException damaged) {
      throw new IllegalStateException("a stored " + type.getSimpleName() + " is damaged", damaged);
    }
  }

  /** A version without its artifacts, which are rows of their own. */
  static VersionDocument version(ResultSet row, List<Artifact> artifacts) throws SQLException {
    return new VersionDocument(
        row.getString("project"),
        row.getString("model"),
        row.getInt("number"),
        row.getString("digest"),
        VersionState.valueOf(row.getString("state")),
        row.getString("reason"),
        fromJson(row.getString("signature"), Signature.class),
        fromJson(row.getString("onnx_format"), VersionDocument.OnnxFormat.class),
        fromJson(row.getString("manifest"), ModelManifest.class),
        artifacts,
        Instant.ofEpochMilli(row.getLong("created_at")),
        row.getInt("validations"),
        row.getBoolean("validating_again"));
  }

  static Artifact artifact(ResultSet row) throws SQLException {
    return new Artifact(row.getString("name"), row.getString("digest"), row.getLong("size_bytes"));
  }

  static EndpointRecord endpoint(ResultSet row) throws SQLException {
    @Nullable String inForce = row.getString("in_force");
    return new EndpointRecord(
        row.getString("project"),
        row.getString("name"),
        row.getLong("revision"),
        fromJson(row.getString("spec"), EndpointSpec.class),
        inForce == null ? null : fromJson(inForce, EndpointRecord.InForce.class),
        new Change.Origin(
            Instant.ofEpochMilli(row.getLong("changed_at")),
            row.getString("changed_by"),
            row.getString("reason")));
  }

  static EndpointRevision revision(ResultSet row) throws SQLException {
    return new EndpointRevision(
        row.getLong("revision"),
        fromJson(row.getString("spec"), EndpointSpec.class),
        Instant.ofEpochMilli(row.getLong("changed_at")),
        row.getString("changed_by"),
        row.getString("reason"));
  }

  static Snapshot.KeyEntry key(ResultSet row) throws SQLException {
    return new Snapshot.KeyEntry(
        row.getString("id"),
        row.getString("salt"),
        row.getString("hash"),
        row.getString("project"),
        List.of(row.getString("roles").split(",")));
  }

  static EventDocument event(ResultSet row) throws SQLException {
    return new EventDocument(
        row.getLong("seq"),
        Instant.ofEpochMilli(row.getLong("happened_at")),
        row.getString("project"),
        row.getString("subject"),
        row.getString("type"),
        row.getString("message"));
  }
}
