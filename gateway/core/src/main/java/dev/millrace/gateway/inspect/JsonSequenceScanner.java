package dev.millrace.gateway.inspect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Finds {@code parameters.sequence_id} in the JSON of an inference request. Tokens are read until
 * it is found and no tree is built. Safe from any thread.
 */
public final class JsonSequenceScanner {
  private static final int DEEPEST = 64;

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .configure(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS, true)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private JsonSequenceScanner() {}

  /**
   * The id.
   *
   * @param body the JSON, and what follows it; the caller bounds it
   * @return empty when the request belongs to no sequence, or is malformed: the runtime, which
   *     reads all of it, says where
   */
  public static Optional<String> sequence(InputStream body) {
    try (var parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean parameters = parser.currentName().equals("parameters");
        var value = parser.nextToken();
        if (parameters && value == JsonToken.START_OBJECT) {
          return within(parser);
        }
        parser.skipChildren();
      }
      return Optional.empty();
    } catch (IOException malformed) {
      return Optional.empty();
    }
  }

  private static Optional<String> within(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean wanted = parser.currentName().equals(SequenceParameter.NAME);
      var value = parser.nextToken();
      if (wanted && (value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT)) {
        var id = parser.getText();
        return id.isEmpty() || id.equals("0") ? Optional.empty() : Optional.of(id);
      }
      parser.skipChildren();
    }
    return Optional.empty();
  }
}
