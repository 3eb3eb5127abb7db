package dev.millrace.runtime.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.runtime.server.text.Truncation;
import dev.millrace.runtime.server.text.Truncation.Side;
import java.util.Locale;

/**
 * What a body says of texts that are too long, in the words of several services: {@code truncate}
 * as true or false (TEI, Jina) or NONE, START, END (Cohere), {@code truncation} as true or false
 * (Voyage), {@code truncation_direction} left or right (TEI) or {@code truncation_side} (vLLM),
 * {@code truncate_prompt_tokens} (vLLM). Nothing said means the end goes, as in
 * sentence-transformers.
 */
final class Truncations {
  private static final String DIRECTION = "truncation_direction";
  private static final String SIDE = "truncation_side";
  private static final String PROMPT_TOKENS = "truncate_prompt_tokens";

  /** Room for the special tokens of a pair and one token of each text. */
  private static final int FEWEST = 8;

  private Truncations() {}

  static Truncation of(TextBody body) {
    Side cut = left(body, DIRECTION) || left(body, SIDE) ? Side.START : Side.END;
    Side side = cut;
    for (String field : new String[] {"truncate", "truncation"}) {
      if (body.has(field)) {
        side = side(field, body.field(field), cut);
        break;
      }
    }
    return new Truncation(side, limit(body), Truncation.NO_LIMIT);
  }

  private static Side side(String field, JsonNode value, Side cut) {
    if (value.isBoolean()) {
      return value.asBoolean() ? cut : Side.NONE;
    }
    return switch (value.asText().toUpperCase(Locale.ROOT)) {
      case "NONE" -> Side.NONE;
      case "START" -> Side.START;
      case "END" -> Side.END;
      default -> throw TextBody.wrong(field, field + " must be true, false, NONE, START or END");
    };
  }

  private static boolean left(TextBody body, String field) {
    if (!body.has(field)) {
      return false;
    }
    return switch (body.field(field).asText().toLowerCase(Locale.ROOT)) {
      case "left" -> true;
      case "right" -> false;
      default -> throw TextBody.wrong(field, field + " must be left or right");
    };
  }

  /** −1 stands for the model's own limit. */
  private static int limit(TextBody body) {
    JsonNode value = body.field(PROMPT_TOKENS);
    if (!body.has(PROMPT_TOKENS) || value.isInt() && value.asInt() == -1) {
      return Truncation.NO_LIMIT;
    }
    return body.whole(PROMPT_TOKENS, FEWEST, Truncation.NO_LIMIT);
  }
}
