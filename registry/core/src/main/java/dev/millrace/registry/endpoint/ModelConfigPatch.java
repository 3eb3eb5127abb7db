package dev.millrace.registry.endpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.model.NameRule;
import org.jspecify.annotations.Nullable;

/**
 * The fields of Triton's model configuration that an endpoint's serving document has a counterpart
 * of, to be put over it. Every other field is refused by name: nothing is ignored. Immutable.
 */
final class ModelConfigPatch {
  private static final ObjectMapper JSON =
      ControlJson.strict()
          .copy()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private static final String KNOWN =
      "max_batch_size, dynamic_batching.max_queue_delay_microseconds,"
          + " dynamic_batching.preserve_ordering, dynamic_batching.priority_levels,"
          + " instance_group[0].count, response_cache.enable";

  private static final int MOST_BATCH = 1_000_000;
  private static final int MOST_MICROSECONDS = 999_999_999;
  private static final int MOST_LEVELS = 64;
  private static final int MOST_INSTANCES = 64;

  /** Changes nothing. */
  static final ModelConfigPatch NONE =
      new ModelConfigPatch(JsonNodeFactory.instance.objectNode(), null);

  /** Fields of the serving document; null where the platform's default is meant. */
  private final ObjectNode fields;

  private final @Nullable Boolean cached;

  private ModelConfigPatch(ObjectNode fields, @Nullable Boolean cached) {
    this.fields = fields;
    this.cached = cached;
  }

  /**
   * Reads a configuration.
   *
   * @param json an object with the field names of Triton's {@code ModelConfig}
   * @throws MillraceException INVALID_ARGUMENT that names the field and what was expected
   */
  static ModelConfigPatch of(String json) {
    JsonNode config;
    try {
      config = JSON.readTree(json);
    } catch (JacksonException malformed) {
      throw invalid("config is malformed JSON: " + malformed.getOriginalMessage());
    }
    if (!config.isObject()) {
      throw invalid("config: not an object (expected: a model configuration as JSON)");
    }
    var fields = JsonNodeFactory.instance.objectNode();
    Boolean cached = null;
    for (var field : config.properties()) {
      var value = field.getValue();
      switch (field.getKey()) {
        case "max_batch_size" ->
            fields.put("maxBatch", number("max_batch_size", value, 1, MOST_BATCH));
        case "dynamic_batching" -> batching(value, fields);
        case "instance_group" -> fields.put("instances", instances(value));
        case "response_cache" -> cached = cached(value);
        default -> throw unknown(field.getKey());
      }
    }
    return new ModelConfigPatch(fields, cached);
  }

  boolean isEmpty() {
    return fields.isEmpty() && cached == null;
  }

  /** The serving document with the patch over it. */
  ServingSpec applied(@Nullable ServingSpec serving) {
    var before = serving == null ? ServingSpec.DEFAULT : serving;
    ObjectNode tree = JSON.valueToTree(before);
    tree.setAll(fields.deepCopy());
    try {
      var next = JSON.treeToValue(tree, ServingSpec.class);
      if (cached == null || cached == (next.cache() != null)) {
        return next;
      }
      return next.withCache(cached ? new ServingSpec.Cache(null, null) : null);
    } catch (JacksonException impossible) {
      throw new IllegalStateException("a serving document is read as it was written", impossible);
    }
  }

  private static void batching(JsonNode batching, ObjectNode fields) {
    for (var field : object("dynamic_batching", batching).properties()) {
      var place = "dynamic_batching." + field.getKey();
      var value = field.getValue();
      switch (field.getKey()) {
        case "max_queue_delay_microseconds" ->
            fields.put("maxDelay", number(place, value, 0, MOST_MICROSECONDS) + "us");
        case "preserve_ordering" -> fields.put("preserveOrdering", flag(place, value));
        case "priority_levels" -> {
          int levels = number(place, value, 0, MOST_LEVELS);
          // Triton's 0 is "no priorities", which is what an endpoint has that names none.
          fields.set(
              "priorityLevels",
              levels == 0 ? NullNode.instance : JsonNodeFactory.instance.numberNode(levels));
        }
        default -> throw unknown(place);
      }
    }
  }

  private static int instances(JsonNode groups) {
    if (!groups.isArray() || groups.size() != 1) {
      throw invalid("config: instance_group (expected: a list of one group)");
    }
    var group = object("instance_group[0]", groups.get(0));
    for (var field : group.properties()) {
      if (!field.getKey().equals("count")) {
        throw unknown("instance_group[0]." + field.getKey());
      }
    }
    return number("instance_group[0].count", group.path("count"), 1, MOST_INSTANCES);
  }

  private static boolean cached(JsonNode cache) {
    for (var field : object("response_cache", cache).properties()) {
      if (!field.getKey().equals("enable")) {
        throw unknown("response_cache." + field.getKey());
      }
    }
    return flag("response_cache.enable", cache.path("enable"));
  }

  private static JsonNode object(String place, JsonNode value) {
    if (!value.isObject()) {
      throw invalid("config: %s (expected: an object)".formatted(place));
    }
    return value;
  }

  private static boolean flag(String place, JsonNode value) {
    if (!value.isBoolean()) {
      throw invalid("config: %s: %s (expected: true or false)".formatted(place, shown(value)));
    }
    return value.booleanValue();
  }

  /** Protocol buffers write 64-bit numbers as text in JSON: both forms are read. */
  private static int number(String place, JsonNode value, int least, int most) {
    var text = value.isIntegralNumber() || value.isTextual() ? value.asText() : "";
    if (text.matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw invalid(
        "config: %s: %s (expected: a whole number from %d to %d)"
            .formatted(place, shown(value), least, most));
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "absent" : NameRule.quoted(value.toString());
  }

  private static MillraceException unknown(String field) {
    return invalid(
        "config: field '%s' has no counterpart here (expected: %s)"
            .formatted(NameRule.quoted(field), KNOWN));
  }

  private static MillraceException invalid(String message) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, message);
  }
}
