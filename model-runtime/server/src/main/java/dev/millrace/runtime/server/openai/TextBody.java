package dev.millrace.runtime.server.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.error.OpenAiErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The JSON object that a call sends. Fields that nobody asks for are ignored, as the servers do
 * whose clients these are ({@code user} for one); {@code null} is as good as absent. Immutable.
 */
public final class TextBody {
  /** As many as OpenAI's server takes. */
  static final int MOST_TEXTS = 2_048;

  private static final ObjectReader JSON =
      ControlJson.lenient().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final JsonNode root;

  private TextBody(JsonNode root) {
    this.root = root;
  }

  /**
   * Reads a body.
   *
   * @throws MillraceException INVALID_ARGUMENT that names the place where it is not JSON
   */
  public static TextBody parse(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (JsonProcessingException malformed) {
      var place = malformed.getLocation();
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the body is not valid JSON at line %d, column %d: %s",
          place == null ? 1 : place.getLineNr(),
          place == null ? 1 : place.getColumnNr(),
          malformed.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IOException unreadable) {
      throw MillraceException.of(ErrorCode.INVALID_ARGUMENT, "the body cannot be read")
          .withCause(unreadable);
    }
    if (root == null || !root.isObject()) {
      throw MillraceException.of(ErrorCode.INVALID_ARGUMENT, "the body is not a JSON object");
    }
    return new TextBody(root);
  }

  /** The field {@code model}; empty when absent. */
  String model() {
    return root.path("model").asText("");
  }

  /** Whether the field is there and not null. */
  boolean has(String field) {
    return root.hasNonNull(field);
  }

  /** A field as it is; missing when absent. */
  JsonNode field(String field) {
    return root.path(field);
  }

  /** A field that is true or false. */
  boolean flag(String field, boolean otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    JsonNode value = root.get(field);
    if (!value.isBoolean()) {
      throw wrong(field, field + " must be true or false");
    }
    return value.asBoolean();
  }

  /** A field that is a whole number of at least {@code least}. */
  int whole(String field, int least, int otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    JsonNode value = root.get(field);
    if (!value.isInt() || value.asInt() < least) {
      throw wrong(field, field + " must be a whole number of at least " + least);
    }
    return value.asInt();
  }

  /** A field that is one of these words; the first is what an absent one means. */
  String word(String field, List<String> words) {
    if (!has(field)) {
      return words.get(0);
    }
    String value = root.get(field).asText();
    if (!root.get(field).isTextual() || !words.contains(value)) {
      throw wrong(field, field + " must be one of " + String.join(", ", words));
    }
    return value;
  }

  /**
   * A field that is a string.
   *
   * @throws MillraceException INVALID_ARGUMENT also when it is absent
   */
  String text(String field) {
    return text(field, root.path(field), field);
  }

  /** A list that is neither empty nor too long. */
  JsonNode list(String field, String expected) {
    JsonNode value = root.path(field);
    if (!value.isArray() || value.isEmpty()) {
      throw wrong(field, field + " must be " + expected + " that is not empty");
    }
    if (value.size() > MOST_TEXTS) {
      throw wrong(
          field,
          "%s has %d items (expected: at most %d)".formatted(field, value.size(), MOST_TEXTS));
    }
    return value;
  }

  /** A string, or an object with a string {@code text}, as Cohere's and Jina's clients send. */
  static String text(String field, JsonNode value, String place) {
    if (value.isTextual()) {
      return value.asText();
    }
    if (value.isObject() && value.path("text").isTextual()) {
      return value.path("text").asText();
    }
    throw wrong(field, place + " is not a string");
  }

  /** A refusal that names the field. */
  static MillraceException wrong(String field, String message) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, message)
        .withDetail(OpenAiErrors.PARAM_DETAIL, field);
  }
}
