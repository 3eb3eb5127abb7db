package dev.millrace.runtime.server.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.runtime.server.text.TextTask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code POST /v1/tokenize} in vLLM's form: {@code prompt} a string; or {@code input}, as in the
 * other routes, a string or a list of strings. Nothing is cut and no model runs.
 */
final class TokenizeRoute {
  private static final String PROMPT = "prompt";
  private static final String INPUT = "input";

  private TokenizeRoute() {}

  /** One text in tokens; words only when asked for. */
  private record Tokenized(long[] ids, List<String> words) {
    void write(JsonGenerator json, boolean withWords) throws IOException {
      json.writeNumberField("count", ids.length);
      json.writeArrayFieldStart("tokens");
      for (long id : ids) {
        json.writeNumber(id);
      }
      json.writeEndArray();
      if (withWords) {
        json.writeArrayFieldStart("token_strs");
        for (String word : words) {
          json.writeString(word);
        }
        json.writeEndArray();
      }
    }
  }

  static TextPlan plan(TextCall call) {
    TextBody body = call.body();
    boolean special = body.flag("add_special_tokens", true);
    boolean words = body.flag("return_token_strs", false);
    String field = body.has(PROMPT) ? PROMPT : INPUT;
    boolean many = body.field(field).isArray();
    List<Tokenized> texts = new ArrayList<>();
    for (String text : texts(body, field, many)) {
      call.goOn().run();
      TextTask task = call.task();
      texts.add(
          new Tokenized(task.ids(text, special), words ? task.words(text, special) : List.of()));
    }
    return TextPlan.answered(
        AnswerJson.write(
            1024,
            json -> {
              json.writeStringField("model", call.answeringModel());
              json.writeNumberField("max_model_len", call.task().maxTokens());
              if (!many) {
                texts.get(0).write(json, words);
                return;
              }
              json.writeNumberField(
                  "count", texts.stream().mapToLong(text -> text.ids().length).sum());
              json.writeArrayFieldStart("data");
              for (int i = 0; i < texts.size(); i++) {
                json.writeStartObject();
                json.writeNumberField("index", i);
                texts.get(i).write(json, words);
                json.writeEndObject();
              }
              json.writeEndArray();
            }));
  }

  private static List<String> texts(TextBody body, String field, boolean many) {
    if (!many) {
      return List.of(body.text(field));
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode text : body.list(field, "a string or a list of strings")) {
      texts.add(TextBody.text(field, text, field + "[" + texts.size() + "]"));
    }
    return texts;
  }
}
