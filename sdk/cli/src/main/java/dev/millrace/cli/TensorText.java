package dev.millrace.cli;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Answers as text: the protocol's JSON, or rows of numbers for people. */
public final class TensorText {
  /** More elements than this are cut: nobody reads them. */
  private static final int SHOWN = 256;

  private static final int SHOWN_OF_MANY = 12;

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private TensorText() {}

  /** The answer as the protocol's JSON, in one line. */
  public static String json(InferResponse response) {
    var everythingAsJson = new InferRequest("", "", "", Map.of(), List.of(), List.of());
    ByteBuffer body = HttpInferCodec.encodeResponse(response, everythingAsJson).joined();
    return StandardCharsets.UTF_8.decode(body).toString();
  }

  /** A tensor for people: its head, then nested rows; long ones are cut. */
  public static String pretty(Tensor tensor) {
    String head = tensor.name() + "  " + tensor.datatype() + Arrays.toString(tensor.shape());
    if (!tensor.datatype().hasJsonForm()) {
      return head
          + "  "
          + tensor.byteSize()
          + " bytes ("
          + tensor.datatype()
          + " has no JSON form)";
    }
    List<String> elements = elements(tensor);
    if (elements.size() > SHOWN) {
      return head
          + "\n  ["
          + String.join(", ", elements.subList(0, SHOWN_OF_MANY))
          + ", …] ("
          + elements.size()
          + " values; --json prints all)";
    }
    var text = new StringBuilder(head).append("\n  ");
    nest(text, elements, tensor.shape(), 0, 0);
    return text.toString();
  }

  private static List<String> elements(Tensor tensor) {
    var alone = new InferResponse("", "", "", Map.of(), List.of(tensor));
    try {
      var elements = new ArrayList<String>();
      collect(
          JSON.readTree(json(alone)).path("outputs").path(0).path("data"),
          elements,
          tensor.datatype());
      return elements;
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void collect(JsonNode node, List<String> elements, DataType type) {
    if (node.isArray()) {
      node.forEach(child -> collect(child, elements, type));
    } else {
      elements.add(type == DataType.BYTES ? node.toString() : node.asText());
    }
  }

  /** Writes the elements from {@code offset} as brackets within brackets; returns how many. */
  private static int nest(
      StringBuilder text, List<String> elements, long[] shape, int depth, int offset) {
    if (depth == shape.length) {
      text.append(elements.get(offset));
      return 1;
    }
    int written = 0;
    text.append('[');
    for (long i = 0; i < shape[depth]; i++) {
      if (i > 0) {
        text.append(depth == shape.length - 1 ? ", " : ",\n  " + " ".repeat(depth + 1));
      }
      written += nest(text, elements, shape, depth + 1, offset + written);
    }
    text.append(']');
    return written;
  }
}
