package dev.millrace.protocol.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.protocol.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads the JSON object of an inference request or response; tensors without data stay pending. */
final class InferJsonReader {
  /** A rank beyond this is no tensor, and its counters would be the caller's choice. */
  private static final int MAX_RANK = 64;

  private final ByteBuffer json;
  private final JsonParser in;

  /** {@code input} in a request, {@code output} in a response: which list carries tensors. */
  private final String role;

  private final JsonMessage message = new JsonMessage();

  private InferJsonReader(ByteBuffer json, JsonParser in, String role) {
    this.json = json;
    this.in = in;
    this.role = role;
  }

  /**
   * Reads a message.
   *
   * @param memory where the data of tensors go, where their size is known before they are read
   */
  static JsonMessage read(ByteBuffer json, String role, TensorMemory memory) {
    ByteBuffer text = json;
    if (!json.hasArray()) {
      // Read byte by byte, and an array is many times faster at that than other memory.
      text = ByteBuffer.allocate(json.remaining()).put(json.duplicate()).flip();
    }
    JsonMessage plain = PlainInferReader.read(text, role, memory);
    return plain == null ? readAny(text, role) : plain;
  }

  /** Reads whatever the protocol allows, and says what is wrong with the rest. */
  static JsonMessage readAny(ByteBuffer json, String role) {
    try (JsonParser in = JsonSource.parser(json)) {
      return new InferJsonReader(json, in, role).read();
    } catch (IOException malformed) {
      throw JsonSource.refusal(malformed);
    }
  }

  private JsonMessage read() throws IOException {
    if (in.nextToken() != JsonToken.START_OBJECT) {
      throw Reject.because("the body must be a JSON object with '%ss'", role);
    }
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String field = in.currentName();
      in.nextToken();
      if (field.equals(role + "s")) {
        message.tensors = tensors();
      } else {
        field(field);
      }
    }
    requireEnd();
    return message;
  }

  /** What follows is most often a blob whose header was forgotten, so the message says so. */
  private void requireEnd() throws IOException {
    int end = (int) in.currentLocation().getByteOffset();
    boolean more;
    try {
      more = in.nextToken() != null;
    } catch (JsonProcessingException notJson) {
      more = true;
    }
    if (more) {
      throw Reject.because(
          "malformed JSON: content after the JSON object, which ends at byte %d; binary tensor data"
              + " need the header Inference-Header-Content-Length",
          end);
    }
  }

  private void field(String field) throws IOException {
    switch (field) {
      case "id" -> message.id = text("id");
      case "model_name" -> message.modelName = text("model_name");
      case "model_version" -> message.modelVersion = text("model_version");
      case "parameters" -> message.parameters = JsonParameters.read(in, "the request");
      case "outputs" -> message.requested = requestedOutputs();
      default -> in.skipChildren();
    }
  }

  private String text(String field) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return "";
    }
    if (in.currentToken() != JsonToken.VALUE_STRING) {
      throw Reject.because("'%s' must be a string", field);
    }
    return in.getText();
  }

  private List<PendingTensor> tensors() throws IOException {
    requireArray("'" + role + "s'");
    var tensors = new ArrayList<PendingTensor>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      tensors.add(tensor(tensors.size()));
    }
    return tensors;
  }

  private PendingTensor tensor(int position) throws IOException {
    var tensor = new PendingTensor(role, position);
    requireObject(tensor.label());
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String field = in.currentName();
      in.nextToken();
      switch (field) {
        case "name" -> tensor.name = text("name");
        case "datatype" -> tensor.datatype = text("datatype");
        case "shape" -> tensor.shape = shape(tensor.label());
        case "parameters" -> tensor.parameters = JsonParameters.read(in, tensor.label());
        case "data" -> data(tensor);
        default -> in.skipChildren();
      }
    }
    if (tensor.dataStart >= 0) {
      ByteBuffer data = json.slice(json.position() + tensor.dataStart, tensor.dataLength);
      try (JsonParser again = JsonSource.parser(data)) {
        again.nextToken();
        tensor.data = JsonTensorParser.parse(again, tensor.head(), tensor.dataLength);
      }
    }
    return tensor;
  }

  /** Data may come before what is needed to read them: then only their place is noted. */
  private void data(PendingTensor tensor) throws IOException {
    requireArray(tensor.label() + ": 'data'");
    if (tensor.complete()) {
      int left = json.remaining() - Math.toIntExact(in.currentTokenLocation().getByteOffset());
      tensor.data = JsonTensorParser.parse(in, tensor.head(), left);
      return;
    }
    tensor.dataStart = Math.toIntExact(in.currentTokenLocation().getByteOffset());
    in.skipChildren();
    tensor.dataLength = Math.toIntExact(in.currentLocation().getByteOffset()) - tensor.dataStart;
  }

  private long[] shape(String label) throws IOException {
    requireArray(label + ": 'shape'");
    var shape = new long[8];
    int rank = 0;
    while (in.nextToken() != JsonToken.END_ARRAY) {
      if (in.currentToken() != JsonToken.VALUE_NUMBER_INT
          || in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        throw Reject.because(
            "%s: 'shape' must hold 64-bit integers, not %s", label, Reject.quote(in.getText()));
      }
      if (rank == MAX_RANK) {
        throw Reject.because("%s: 'shape' has more than %d dimensions", label, MAX_RANK);
      }
      if (rank == shape.length) {
        shape = Arrays.copyOf(shape, MAX_RANK);
      }
      shape[rank++] = in.getLongValue();
    }
    return Arrays.copyOf(shape, rank);
  }

  private List<RequestedOutput> requestedOutputs() throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return List.of();
    }
    requireArray("'outputs'");
    var outputs = new ArrayList<RequestedOutput>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      String label = "outputs[" + outputs.size() + "]";
      requireObject(label);
      String name = "";
      Map<String, Object> parameters = Map.of();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String field = in.currentName();
        in.nextToken();
        switch (field) {
          case "name" -> name = text("name");
          case "parameters" -> parameters = JsonParameters.read(in, label);
          default -> in.skipChildren();
        }
      }
      if (name.isEmpty()) {
        throw Reject.because("%s: 'name' is missing", label);
      }
      JsonParameters.flag(parameters, "output '" + name + "'", JsonParameters.BINARY_DATA);
      outputs.add(new RequestedOutput(name, parameters));
    }
    return outputs;
  }

  private void requireArray(String what) throws IOException {
    if (in.currentToken() != JsonToken.START_ARRAY) {
      throw Reject.because("%s must be an array, not %s", what, Reject.quote(in.getText()));
    }
  }

  private void requireObject(String what) throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw Reject.because("%s must be an object, not %s", what, Reject.quote(in.getText()));
    }
  }
}
