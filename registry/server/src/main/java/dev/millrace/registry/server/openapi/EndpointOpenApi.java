package dev.millrace.registry.server.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.registry.snippet.Snippets.Served;
import dev.millrace.registry.snippet.TextCall;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The document of one endpoint, cut out of the whole: its routes under its name, with the names,
 * datatypes and shapes of the version that serves, and the sample that works. Pure.
 */
final class EndpointOpenApi {
  private static final String REFERENCE = "#/components/";
  private static final String MODEL = "/v2/models/{model}";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private EndpointOpenApi() {}

  /**
   * The document of what {@code served} tells.
   *
   * @param whole the platform's document; stays as it is
   */
  static ObjectNode of(ObjectNode whole, Served served) {
    var call = served.call();
    var document = whole.deepCopy();
    var version = served.version();
    var info = document.putObject("info");
    info.put("title", call.endpoint()).put("version", Integer.toString(version.version()));
    info.put(
        "description",
        "Endpoint `%s`, served by version %d of model `%s`."
            .formatted(call.endpoint(), version.version(), version.model()));
    document.putArray("servers").addObject().put("url", call.baseUrl().text());
    document.remove("tags");
    var paths = document.putObject("paths");
    for (var action : List.of("", "/ready", "/config", "/infer")) {
      copy(whole, MODEL + action, paths, MODEL.replace("{model}", call.endpoint()) + action);
    }
    describe(document, served);
    call.text().ifPresent(text -> describe(document, whole, text));
    prune(document);
    return document;
  }

  private static void copy(ObjectNode whole, String from, ObjectNode paths, String to) {
    ObjectNode path = whole.required("paths").required(from).deepCopy();
    // The name is in the path now.
    path.remove("parameters");
    for (var operation : path) {
      ((ObjectNode) operation).remove("tags");
    }
    paths.set(to, path);
  }

  private static void describe(ObjectNode document, ObjectNode whole, TextCall text) {
    copy(whole, text.path(), (ObjectNode) document.required("paths"), text.path());
    var json =
        (ObjectNode)
            document
                .required("paths")
                .required(text.path())
                .at("/post/requestBody/content/application~1json");
    json.set("example", text.body());
    var schema = (ObjectNode) document.at(json.at("/schema/$ref").asText().substring(1));
    var model = schema.withObject("/properties/model").removeAll();
    model.put("type", "string").put("const", text.body().path("model").asText());
  }

  private static void describe(ObjectNode document, Served served) {
    var signature = served.version().signature();
    var schemas = (ObjectNode) document.at("/components/schemas");
    var inputs = schemas.withObject("/InferRequest/properties/inputs").removeAll();
    tensors(inputs, schemas, "Input", signature.inputs());
    inputs.put("minItems", signature.inputs().size());
    var outputs = schemas.withObject("/InferResponse/properties/outputs").removeAll();
    tensors(outputs, schemas, "Output", signature.outputs());
    var sample = served.call().sample();
    var content = (ObjectNode) document.at("/components/requestBodies/Infer/content");
    if (sample.isJson()) {
      content.withObject("/application~1json").set("example", sample.body());
    } else {
      // Too large to be read, or without a form in JSON: the snippets show how.
      content.withObject("/application~1json").remove("example");
    }
    var answer = (ObjectNode) document.at("/components/responses/Infer/content");
    answer.withObject("/application~1json").remove("example");
  }

  private static void tensors(
      ObjectNode list, ObjectNode schemas, String kind, List<TensorSignature> tensors) {
    list.put("type", "array").put("maxItems", tensors.size());
    var any = list.putObject("items").putArray("anyOf");
    int number = 1;
    for (var tensor : tensors) {
      var name = kind + number++;
      schemas.set(name, tensor(tensor, kind));
      any.addObject().put("$ref", "#/components/schemas/" + name);
    }
    if (tensors.isEmpty()) {
      list.remove("items");
    }
  }

  private static ObjectNode tensor(TensorSignature tensor, String kind) {
    var schema = JSON.objectNode().put("type", "object").put("title", tensor.name());
    if (kind.equals("Input")) {
      schema.putArray("required").add("name").add("shape").add("datatype");
    }
    var properties = schema.putObject("properties");
    properties.putObject("name").put("const", tensor.name());
    properties.putObject("datatype").put("const", tensor.datatype().name());
    var shape = properties.putObject("shape").put("type", "array");
    shape.put("minItems", tensor.shape().size()).put("maxItems", tensor.shape().size());
    if (!tensor.shape().isEmpty()) {
      var dimensions = shape.putArray("prefixItems");
      tensor.shape().forEach(it -> dimensions.add(dimension(it)));
    }
    properties.putObject("parameters").put("$ref", "#/components/schemas/Parameters");
    if (tensor.datatype().hasJsonForm()) {
      var data = properties.putObject("data").put("type", "array");
      data.put("description", "Row-major, flat or nested");
      var elements = data.putObject("items").putArray("anyOf");
      elements.add(element(tensor.datatype()));
      elements.addObject().put("type", "array");
    }
    return schema;
  }

  private static ObjectNode dimension(Dimension dimension) {
    var schema = JSON.objectNode().put("type", "integer");
    if (!dimension.isFree()) {
      return schema.put("const", dimension.size());
    }
    schema.put("minimum", 0);
    return dimension.symbol() == null ? schema : schema.put("title", dimension.symbol());
  }

  private static ObjectNode element(DataType type) {
    return JSON.objectNode()
        .put(
            "type",
            switch (type) {
              case BOOL -> "boolean";
              case BYTES -> "string";
              case FP16, BF16, FP32, FP64 -> "number";
              default -> "integer";
            });
  }

  /** Drops the components that nothing in the document leads to. */
  private static void prune(ObjectNode document) {
    var used = new HashSet<String>();
    collect(document.required("paths"), document, used);
    for (var kind : document.required("components").properties()) {
      if (!kind.getKey().equals("securitySchemes")) {
        var names = new HashSet<String>();
        kind.getValue().fieldNames().forEachRemaining(names::add);
        names.removeIf(name -> used.contains(REFERENCE + kind.getKey() + "/" + name));
        ((ObjectNode) kind.getValue()).remove(names);
      }
    }
  }

  private static void collect(JsonNode node, ObjectNode document, Set<String> used) {
    var reference = node.path("$ref").asText();
    if (reference.startsWith(REFERENCE) && used.add(reference)) {
      collect(document.at(reference.substring(1)), document, used);
    }
    node.forEach(child -> collect(child, document, used));
  }
}
