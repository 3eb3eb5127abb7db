package dev.millrace.registry.server.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.util.Objects;

/** What holds of every OpenAPI document that is served. */
final class OpenApiRules {
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);

  private OpenApiRules() {}

  /** Valid OpenAPI 3.1, valid schemas, and every reference leads somewhere. */
  static void check(JsonNode document) throws IOException {
    try (var file = OpenApiRules.class.getResourceAsStream("/openapi/oas-3.1.json")) {
      var schema = ControlJson.lenient().readTree(Objects.requireNonNull(file));
      assertThat(SCHEMAS.getSchema(schema).validate(document)).isEmpty();
    }
    var meta = SCHEMAS.getSchema(java.net.URI.create(VersionFlag.V202012.getId()));
    for (var schema : document.at("/components/schemas").properties()) {
      assertThat(meta.validate(schema.getValue())).as(schema.getKey()).isEmpty();
    }
    checkReferences(document, document);
  }

  private static void checkReferences(JsonNode node, JsonNode document) {
    if (node.path("$ref").isTextual()) {
      var reference = node.get("$ref").asText();
      assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
    node.forEach(child -> checkReferences(child, document));
  }

  /** The examples of bodies are what their schemas ask for; returns how many there were. */
  static int checkExamples(JsonNode node, JsonNode document) {
    int checked = 0;
    if (node.has("example") && node.has("schema")) {
      ObjectNode schema = ControlJson.lenient().createObjectNode();
      schema.set("allOf", schema.arrayNode().add(node.get("schema")));
      schema.set("components", document.get("components"));
      assertThat(SCHEMAS.getSchema(schema).validate(node.get("example")))
          .as(node.get("example").toString())
          .isEmpty();
      checked++;
    }
    for (var child : node) {
      checked += checkExamples(child, document);
    }
    return checked;
  }
}
