package dev.millrace.registry.server.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.document.StrictDocuments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/**
 * The description of the data port, in parts that are written by hand beside this class. Half of
 * the routes are no resources of a framework, and the resources take and give streams, so there is
 * nothing to generate it from; tests hold it against the routes and documents that there are.
 */
public final class OpenApiDocument {
  private static final List<String> PARTS =
      List.of("inference", "text", "models", "endpoints", "shared", "schemas");

  private OpenApiDocument() {}

  /**
   * Reads and joins the parts; takes some ten milliseconds.
   *
   * @param version of the platform
   */
  public static ObjectNode read(String version) {
    var document = part("millrace");
    for (var name : PARTS) {
      join(document, part(name), name);
    }
    document.withObject("/info").put("version", version);
    var codes = document.withObject("/components/schemas/Error/properties/code").putArray("enum");
    for (var code : ErrorCode.values()) {
      codes.add(code.name());
    }
    return document;
  }

  private static ObjectNode part(String name) {
    try (var file = OpenApiDocument.class.getResourceAsStream(name + ".yaml")) {
      var bytes = Objects.requireNonNull(file, name).readAllBytes();
      return StrictDocuments.yaml(bytes, ObjectNode.class, name + ".yaml");
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    } catch (MillraceException malformed) {
      // Our file, not the caller's.
      throw new IllegalStateException(name + ".yaml is malformed", malformed);
    }
  }

  /** Objects are joined field by field; what is written twice is a mistake. */
  private static void join(ObjectNode into, ObjectNode part, String name) {
    for (var field : part.properties()) {
      var there = into.get(field.getKey());
      if (there == null) {
        into.set(field.getKey(), field.getValue());
      } else if (there instanceof ObjectNode both && field.getValue() instanceof ObjectNode more) {
        join(both, more, name);
      } else {
        throw new IllegalStateException(name + ".yaml: '" + field.getKey() + "' is there already");
      }
    }
  }
}
