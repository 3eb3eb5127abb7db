package dev.millrace.gateway.inspect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamReadException;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Finds the top-level {@code model} of an OpenAI-style body. Tokens are read until it is found and
 * no tree is built, so memory does not grow with the body. The caller bounds the stream.
 *
 * <p>Safe from any thread.
 */
public final class JsonModelScanner {
  private static final int DEEPEST = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private JsonModelScanner() {}

  /**
   * The value of {@code model}.
   *
   * @throws MillraceException INVALID_ARGUMENT naming the place where the body is not JSON, or that
   *     {@code model} is missing or not a string
   */
  public static String model(InputStream body) {
    try (var parser = JSON.createParser(body)) {
      return model(parser);
    } catch (StreamReadException malformed) {
      var place = malformed.getLocation();
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT,
          "the body is not valid JSON at line %d, column %d: %s",
          place == null ? 1 : place.getLineNr(),
          place == null ? 1 : place.getColumnNr(),
          malformed.getOriginalMessage());
    } catch (IOException unreadable) {
      throw MillraceException.of(ErrorCode.INVALID_ARGUMENT, "the body cannot be read")
          .withCause(unreadable);
    }
  }

  private static String model(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "the body is not a JSON object (expected: {\"model\": …})");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean wanted = parser.currentName().equals("model");
      var value = parser.nextToken();
      if (!wanted) {
        parser.skipChildren();
      } else if (value == JsonToken.VALUE_STRING && !parser.getText().isEmpty()) {
        return parser.getText();
      } else {
        throw missing();
      }
    }
    throw missing();
  }

  private static MillraceException missing() {
    return MillraceException.of(
            ErrorCode.INVALID_ARGUMENT, "model: missing (expected: the name of an endpoint)")
        .withDetail("param", "model");
  }
}
