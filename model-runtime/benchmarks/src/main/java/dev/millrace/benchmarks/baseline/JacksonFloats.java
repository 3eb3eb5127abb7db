package dev.millrace.benchmarks.baseline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * What a careful server does without a parser of its own: Jackson's streaming parser, with its fast
 * parser of floats, into an array of the right size.
 */
public final class JacksonFloats {
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder().enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).build();

  private JacksonFloats() {}

  /** The data of the first tensor of an inference request whose shape comes before its data. */
  public static float[] parse(byte[] body) {
    try (JsonParser in = FACTORY.createParser(body)) {
      int size = 1;
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        if (token == JsonToken.FIELD_NAME && in.currentName().equals("shape")) {
          in.nextToken();
          while (in.nextToken() != JsonToken.END_ARRAY) {
            size = Math.multiplyExact(size, in.getIntValue());
          }
        } else if (token == JsonToken.FIELD_NAME && in.currentName().equals("data")) {
          return data(in, size);
        }
      }
      throw new IOException("no data");
    } catch (IOException malformed) {
      throw new UncheckedIOException(malformed);
    }
  }

  private static float[] data(JsonParser in, int size) throws IOException {
    var data = new float[size];
    int count = 0;
    for (int depth = in.nextToken() == JsonToken.START_ARRAY ? 1 : 0; depth > 0; ) {
      switch (in.nextToken()) {
        case START_ARRAY -> depth++;
        case END_ARRAY -> depth--;
        default -> data[count++] = in.getFloatValue();
      }
    }
    return count == size ? data : Arrays.copyOf(data, count);
  }
}
