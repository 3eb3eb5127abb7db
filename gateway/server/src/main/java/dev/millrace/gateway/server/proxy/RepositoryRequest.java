package dev.millrace.gateway.server.proxy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.ModelRepositoryParameter;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the bodies of the repository's calls say; everything that is not known is refused by name.
 * Pure.
 */
final class RepositoryRequest {
  private static final ObjectMapper JSON =
      ControlJson.strict()
          .copy()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private static final int LONGEST_QUOTE = 80;

  private RepositoryRequest() {}

  /** Whether an index is to have only what is ready; no body means all. */
  static boolean onlyReady(InputStream body) {
    var ready = field(body, "ready");
    if (ready.isPresent() && !ready.get().isBoolean()) {
      throw invalid("'ready' is not true or false");
    }
    return ready.map(JsonNode::booleanValue).orElse(false);
  }

  /** The model configuration in the body of a load; empty when there is none. */
  static Optional<String> config(InputStream body) {
    return config(parameters(body));
  }

  /** The same of a message. */
  static Optional<String> config(Map<String, ModelRepositoryParameter> parameters) {
    for (var name : parameters.keySet()) {
      if (name.startsWith("file:")) {
        throw MillraceException.of(
            ErrorCode.NOT_IMPLEMENTED,
            "parameter '%s': files are not taken with a load; upload them as a version, with POST"
                + " /api/v1/models/MODEL/versions",
            quoted(name));
      }
    }
    only("config", parameters);
    var config = parameters.get("config");
    if (config == null) {
      return Optional.empty();
    }
    if (!config.hasStringParam()) {
      throw invalid("parameter 'config' is not text (expected: a model configuration as JSON)");
    }
    return Optional.of(config.getStringParam());
  }

  /**
   * Checks the body of an unload. There are no dependents here, so what it says changes nothing.
   */
  static void checkUnload(InputStream body) {
    checkUnload(parameters(body));
  }

  /** The same of a message. */
  static void checkUnload(Map<String, ModelRepositoryParameter> parameters) {
    only("unload_dependents", parameters);
    var dependents = parameters.get("unload_dependents");
    if (dependents != null && !dependents.hasBoolParam()) {
      throw invalid("parameter 'unload_dependents' is not true or false");
    }
  }

  private static void only(String known, Map<String, ModelRepositoryParameter> parameters) {
    for (var name : parameters.keySet()) {
      if (!name.equals(known)) {
        throw invalid("parameter '%s' is not known (expected: %s)".formatted(quoted(name), known));
      }
    }
  }

  /** The parameters of a body, in the form that they have in messages. */
  private static Map<String, ModelRepositoryParameter> parameters(InputStream body) {
    var parameters = new LinkedHashMap<String, ModelRepositoryParameter>();
    var object = field(body, "parameters");
    if (object.isEmpty()) {
      return parameters;
    }
    if (!object.get().isObject()) {
      throw invalid("'parameters' is not an object");
    }
    for (var entry : object.get().properties()) {
      var value = ModelRepositoryParameter.newBuilder();
      if (entry.getValue().isTextual()) {
        value.setStringParam(entry.getValue().textValue());
      } else if (entry.getValue().isBoolean()) {
        value.setBoolParam(entry.getValue().booleanValue());
      }
      parameters.put(entry.getKey(), value.build());
    }
    return parameters;
  }

  /** The one field that a body may have; empty without it, and without a body. */
  private static Optional<JsonNode> field(InputStream body, String known) {
    var root = read(body);
    if (root.isMissingNode()) {
      return Optional.empty();
    }
    if (!root.isObject()) {
      throw invalid("the body is not an object (expected: {\"%s\": …})".formatted(known));
    }
    for (var field : root.properties()) {
      if (!field.getKey().equals(known)) {
        throw invalid(
            "field '%s' is not known (expected: %s)".formatted(quoted(field.getKey()), known));
      }
    }
    return Optional.ofNullable(root.get(known)).filter(node -> !node.isNull());
  }

  private static JsonNode read(InputStream body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException malformed) {
      var at = malformed.getLocation();
      throw invalid(
          "malformed JSON: %s%s"
              .formatted(
                  malformed.getOriginalMessage(),
                  at == null
                      ? ""
                      : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr())));
    } catch (CharConversionException malformed) {
      throw invalid("malformed JSON: " + malformed.getMessage());
    } catch (IOException broken) {
      throw invalid("the body cannot be read: " + broken.getMessage());
    }
  }

  private static String quoted(String text) {
    var shown = text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "…" : text;
    return shown.replaceAll("\\p{Cntrl}", "?");
  }

  private static MillraceException invalid(String message) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, message);
  }
}
