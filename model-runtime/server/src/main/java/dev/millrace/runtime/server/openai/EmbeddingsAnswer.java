package dev.millrace.runtime.server.openai;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes the answer of {@code POST /v1/embeddings}, without boxing a component. */
final class EmbeddingsAnswer {
  private EmbeddingsAnswer() {}

  /**
   * The body.
   *
   * @param model the name the caller used
   * @param tokens tokens of all texts together
   */
  static ByteBuffer write(String model, List<float[]> vectors, long tokens, boolean base64) {
    return AnswerJson.write(
        vectors.size() * vectors.get(0).length * 12 + 256,
        json -> {
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
              AnswerJson.floats(json, vectors.get(i));
            }
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeStringField("model", model);
          AnswerJson.usage(json, tokens);
        });
  }

  private static byte[] littleEndian(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return bytes.array();
  }
}
