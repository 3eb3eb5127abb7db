package dev.millrace.runtime.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.runtime.server.text.TextTask;
import dev.millrace.runtime.server.text.Truncation;
import java.util.List;

/**
 * {@code POST /v1/embeddings} in OpenAI's form: {@code input} a string, a list of strings or, where
 * the endpoint takes them, token ids; {@code encoding_format} float or base64; {@code dimensions}.
 */
final class EmbeddingsRoute {
  private static final String INPUT = "input";
  private static final String DIMENSIONS = "dimensions";

  private EmbeddingsRoute() {}

  static TextPlan plan(TextCall call) {
    TextBody body = call.body();
    boolean base64 = body.word("encoding_format", List.of("float", "base64")).equals("base64");
    int dimensions = body.whole(DIMENSIONS, 1, 0);
    if (call.task().width() > 0) {
      requireFewer(dimensions, call.task().width());
    }
    var rows = new RowReader(call);
    boolean single = read(call, rows);
    long tokens = rows.tokens();
    return new TextPlan(
        rows.rows(),
        row -> single ? INPUT : INPUT + "[" + row + "]",
        vectors ->
            EmbeddingsAnswer.write(
                call.answeringModel(),
                dimensions == 0
                    ? vectors
                    : vectors.stream()
                        .map(vector -> shortened(call.task(), vector, dimensions))
                        .toList(),
                tokens,
                base64));
  }

  /** Whether there is one text that is not in a list. */
  private static boolean read(TextCall call, RowReader rows) {
    Truncation truncation = Truncations.of(call.body());
    JsonNode input = call.body().field(INPUT);
    if (input.isTextual()) {
      rows.add(INPUT, INPUT, input.asText(), truncation);
      return true;
    }
    call.body().list(INPUT, "a string or a list of strings");
    if (input.get(0).isNumber()) {
      requireAccepted(call);
      rows.add(INPUT, INPUT, ids(input, INPUT), truncation);
      return true;
    }
    for (int i = 0; i < input.size(); i++) {
      JsonNode item = input.get(i);
      String place = INPUT + "[" + i + "]";
      if (item.isArray()) {
        requireAccepted(call);
        rows.add(INPUT, place, ids(item, place), truncation);
      } else {
        rows.add(INPUT, place, TextBody.text(INPUT, item, place), truncation);
      }
    }
    return false;
  }

  private static void requireAccepted(TextCall call) {
    if (!call.acceptsTokenIds()) {
      throw TextBody.wrong(
          INPUT,
          "input holds token ids, which may come from another tokenizer than the model's; send"
              + " strings (LangChain: check_embedding_ctx_length=False), or set the endpoint's"
              + " serving.acceptTokenIds if the ids are of the model's own tokenizer");
    }
  }

  private static long[] ids(JsonNode list, String place) {
    if (list.isEmpty()) {
      throw TextBody.wrong(INPUT, place + " is an empty list");
    }
    long[] ids = new long[list.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = list.get(i);
      if (!id.isInt() || id.asInt() < 0) {
        throw TextBody.wrong(INPUT, place + "[" + i + "] is not a token id");
      }
      ids[i] = id.asInt();
    }
    return ids;
  }

  private static float[] shortened(TextTask task, float[] vector, int dimensions) {
    requireFewer(dimensions, vector.length);
    return dimensions == vector.length ? vector : task.shortened(vector, dimensions);
  }

  private static void requireFewer(int dimensions, int width) {
    if (dimensions > width) {
      throw TextBody.wrong(
          DIMENSIONS, "dimensions: %d (expected: at most %d)".formatted(dimensions, width));
    }
  }
}
