package dev.millrace.runtime.server.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.protocol.control.ControlJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Writes answers without a tree of nodes: vectors are long. */
final class AnswerJson {
  private AnswerJson() {}

  /** The fields of an object. */
  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  /** One object with these fields. */
  static ByteBuffer write(int expectedBytes, Fields fields) {
    var out = new ByteArrayOutputStream(expectedBytes);
    try (JsonGenerator json = ControlJson.lenient().createGenerator(out)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException inMemory) {
      throw new UncheckedIOException(inMemory);
    }
    return ByteBuffer.wrap(out.toByteArray());
  }

  static void floats(JsonGenerator json, float[] values) throws IOException {
    json.writeStartArray();
    for (float value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }

  /** OpenAI's account of a call that has no completion. */
  static void usage(JsonGenerator json, long tokens) throws IOException {
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", tokens);
    json.writeNumberField("total_tokens", tokens);
    json.writeEndObject();
  }
}
