package dev.millrace.protocol.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads flat parameter objects: values are String, Long, Double or Boolean. */
final class JsonParameters {
  /** Bytes of a tensor's blob behind the JSON. */
  static final String BINARY_DATA_SIZE = "binary_data_size";

  /** Whether one output is wanted as a blob. */
  static final String BINARY_DATA = "binary_data";

  /** Whether all outputs are wanted as blobs. */
  static final String BINARY_DATA_OUTPUT = "binary_data_output";

  private JsonParameters() {}

  /**
   * Reads the object that {@code in} stands on.
   *
   * @param owner how messages name what the parameters belong to
   */
  static Map<String, Object> read(JsonParser in, String owner) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return Map.of();
    }
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw Reject.because("%s: 'parameters' must be an object", owner);
    }
    var parameters = new LinkedHashMap<String, Object>();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      in.nextToken();
      parameters.put(name, value(in, owner, name));
    }
    return parameters;
  }

  private static Object value(JsonParser in, String owner, String name) throws IOException {
    return switch (in.currentToken()) {
      case VALUE_STRING -> in.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
      case VALUE_NUMBER_INT -> {
        if (in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          throw Reject.because(
              "%s: parameter '%s': %s does not fit 64 bits",
              owner, Reject.quote(name), Reject.quote(in.getText()));
        }
        yield in.getLongValue();
      }
      default ->
          throw Reject.because(
              "%s: parameter '%s' must be a string, a number or a boolean",
              owner, Reject.quote(name));
    };
  }

  /** The flag of that name, or null when it is not given. */
  static @Nullable Boolean flag(Map<String, Object> parameters, String owner, String name) {
    Object value = parameters.get(name);
    if (value == null || value instanceof Boolean) {
      return (Boolean) value;
    }
    throw Reject.because("%s: parameter '%s' must be true or false", owner, name);
  }
}
