package dev.millrace.runtime.server.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.runtime.server.text.Labels;
import dev.millrace.runtime.server.text.Truncation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code POST /v1/classify} in vLLM's form, with the sorted list of label and score that TEI
 * answers: {@code input} a string, a list of strings, or a list with pairs of strings.
 */
final class ClassifyRoute {
  private static final String INPUT = "input";
  private static final String INPUTS = "inputs";

  private ClassifyRoute() {}

  /**
   * What is wanted of each text's numbers.
   *
   * @param most labels, the likeliest first; 0 for all
   */
  private record Wish(int most, boolean raw) {}

  static TextPlan plan(TextCall call) {
    TextBody body = call.body();
    String field = body.has(INPUT) || !body.has(INPUTS) ? INPUT : INPUTS;
    var wish = new Wish(body.whole("top_k", 1, 0), body.flag("raw_scores", false));
    Truncation truncation = Truncations.of(body);
    var rows = new RowReader(call);
    JsonNode input = body.field(field);
    boolean single = input.isTextual();
    if (single) {
      rows.add(field, field, input.asText(), truncation);
    } else {
      body.list(field, "a string or a list of strings");
      for (int i = 0; i < input.size(); i++) {
        add(rows, field, field + "[" + i + "]", input.get(i), truncation);
      }
    }
    long tokens = rows.tokens();
    return new TextPlan(
        rows.rows(),
        row -> single ? field : field + "[" + row + "]",
        logits -> answer(call, wish, logits, tokens));
  }

  private static void add(
      RowReader rows, String field, String place, JsonNode item, Truncation truncation) {
    if (!item.isArray()) {
      rows.add(field, place, TextBody.text(field, item, place), truncation);
      return;
    }
    if (item.isEmpty() || item.size() > 2) {
      throw TextBody.wrong(field, place + " is a list (expected: a text, or a pair of two texts)");
    }
    String text = TextBody.text(field, item.get(0), place + "[0]");
    if (item.size() == 1) {
      rows.add(field, place, text, truncation);
    } else {
      String pair = TextBody.text(field, item.get(1), place + "[1]");
      rows.add(field, place, List.of(text, pair), truncation);
    }
  }

  private static ByteBuffer answer(TextCall call, Wish wish, List<float[]> logits, long tokens) {
    Labels labels = call.task().labels();
    if (!wish.raw()) {
      logits.forEach(row -> call.task().activation(row.length).apply(row));
    }
    return AnswerJson.write(
        1024,
        json -> {
          json.writeStringField("id", call.requestId());
          json.writeStringField("object", "list");
          json.writeStringField("model", call.answeringModel());
          json.writeArrayFieldStart("data");
          for (int i = 0; i < logits.size(); i++) {
            json.writeStartObject();
            json.writeNumberField("index", i);
            one(json, labels, wish, logits.get(i));
            json.writeEndObject();
          }
          json.writeEndArray();
          AnswerJson.usage(json, tokens);
        });
  }

  private static void one(JsonGenerator json, Labels labels, Wish wish, float[] scores)
      throws IOException {
    List<Integer> best =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(label -> -scores[label]))
            .limit(wish.most() == 0 ? scores.length : wish.most())
            .toList();
    json.writeStringField("label", labels.of(best.get(0)));
    json.writeNumberField("num_classes", scores.length);
    if (wish.most() == 0) {
      json.writeFieldName("probs");
      AnswerJson.floats(json, scores);
    }
    json.writeArrayFieldStart("predictions");
    for (int label : best) {
      json.writeStartObject();
      json.writeStringField("label", labels.of(label));
      json.writeNumberField("score", scores[label]);
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
