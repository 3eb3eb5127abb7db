package dev.millrace.runtime.server.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.protocol.control.ControlJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes the answer of {@code POST /v1/embeddings}, without boxing a component. */
final class EmbeddingsResponse {
  private EmbeddingsResponse() {}

  /**
   * The body.
   *
   * @param model the name the caller used
   * @param tokens tokens of all texts together
   */
  static ByteBuffer write(String model, List<float[]> vectors, long tokens, boolean base64) {
    var out = new ByteArrayOutputStream(vectors.size() * vectors.get(0).length * 12 + 256);
    try (JsonGenerator json = ControlJson.lenient().createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("object", "list");
      json.writeArrayFieldStart("data");
      for (int i = 0; i < vectors.size(); i++) {
        json.writeStartObject();
        json.writeStringField("object", "embedding");
        json.writeNumberField("index", i);
        json.writeFieldName("embedding");
        if (base64) {
          json.writeBinary(littleEndian(vectors.get(i)));
        } else {
          writeFloats(json, vectors.get(i));
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeStringField("model", model);
      json.writeObjectFieldStart("usage");
      json.writeNumberField("prompt_tokens", tokens);
      json.writeNumberField("total_tokens", tokens);
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException inMemory) {
      throw new UncheckedIOException(inMemory);
    }
    return ByteBuffer.wrap(out.toByteArray());
  }

  private static void writeFloats(JsonGenerator json, float[] vector) throws IOException {
    json.writeStartArray();
    for (float value : vector) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }

  private static byte[] littleEndian(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }
}
