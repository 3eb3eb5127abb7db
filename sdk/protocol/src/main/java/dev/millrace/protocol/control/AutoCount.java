package dev.millrace.protocol.control;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads a whole number, or {@code auto} as none: the platform decides. */
final class AutoCount extends JsonDeserializer<@Nullable Integer> {
  private static final String AUTO = "auto";

  @Override
  public @Nullable Integer deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return parser.getIntValue();
    }
    if (parser.currentToken() == JsonToken.VALUE_STRING && AUTO.equals(parser.getText())) {
      return null;
    }
    return (Integer)
        context.handleWeirdStringValue(
            Integer.class, parser.getText(), "expected: auto, or a whole number");
  }
}
