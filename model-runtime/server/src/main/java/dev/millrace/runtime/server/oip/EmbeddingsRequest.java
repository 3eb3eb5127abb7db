package dev.millrace.runtime.server.oip;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of {@code POST /v1/embeddings}. Fields that change nothing here ({@code user}) are
 * ignored, as OpenAI's server does.
 *
 * @param model the name the caller used; possibly empty
 * @param texts at least one, at most {@value #MOST_TEXTS}
 * @param dimensions how many components to return; 0 for all
 * @param base64 whether vectors are wanted as Base64 of little-endian floats
 */
record EmbeddingsRequest(String model, List<String> texts, int dimensions, boolean base64) {
  /** As many as OpenAI's server takes. */
  static final int MOST_TEXTS = 2_048;

  /** Reads a body; failures carry {@code details.param}. */
  static EmbeddingsRequest parse(ByteBuffer body) {
    JsonNode root = read(body);
    return new EmbeddingsRequest(
        root.path("model").asText(""),
        texts(root.path("input")),
        dimensions(root.path("dimensions")),
        base64(root.path("encoding_format")));
  }

  private static JsonNode read(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    JsonNode root;
    try {
      root = ControlJson.lenient().readTree(bytes);
    } catch (IOException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the body is not valid JSON: " + firstLine(malformed));
    }
    if (root == null || !root.isObject()) {
      throw MillraceException.of(ErrorCode.INVALID_ARGUMENT, "the body is not a JSON object");
    }
    return root;
  }

  private static List<String> texts(JsonNode input) {
    if (input.isTextual()) {
      return List.of(input.asText());
    }
    if (!input.isArray() || input.isEmpty()) {
      throw wrong("input", "input must be a string or a list of strings that is not empty");
    }
    if (input.get(0).isNumber() || input.get(0).isArray()) {
      throw wrong(
          "input",
          "input holds token ids, which may come from another tokenizer than the model's; send"
              + " strings (LangChain: check_embedding_ctx_length=False)");
    }
    if (input.size() > MOST_TEXTS) {
      throw wrong("input", "input has more than " + MOST_TEXTS + " strings");
    }
    List<String> texts = new ArrayList<>(input.size());
    for (JsonNode text : input) {
      if (!text.isTextual()) {
        throw wrong("input", "input[" + texts.size() + "] is not a string");
      }
      texts.add(text.asText());
    }
    return texts;
  }

  private static int dimensions(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return 0;
    }
    if (!node.isInt() || node.asInt() < 1) {
      throw wrong("dimensions", "dimensions must be a whole number of at least 1");
    }
    return node.asInt();
  }

  private static boolean base64(JsonNode node) {
    String format = node.isMissingNode() || node.isNull() ? "float" : node.asText();
    return switch (format) {
      case "float" -> false;
      case "base64" -> true;
      default -> throw wrong("encoding_format", "encoding_format must be 'float' or 'base64'");
    };
  }

  private static MillraceException wrong(String param, String message) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, message).withDetail("param", param);
  }

  private static String firstLine(IOException malformed) {
    return String.valueOf(malformed.getMessage()).lines().findFirst().orElse("");
  }
}
