package dev.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.oip.TensorMetadata;
import dev.millrace.protocol.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Tensors from what a person types: {@code name=JSON} or {@code name=@file.json}. Datatypes come
 * from the endpoint's metadata, shapes from the nesting of the JSON.
 */
public final class InputTensors {
  /** Bare NaN and Infinity, read and written: the protocol takes them for floats. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .build();

  private final ModelMetadata metadata;

  /** Inputs for an endpoint that describes itself so. */
  public InputTensors(ModelMetadata metadata) {
    this.metadata = metadata;
  }

  /**
   * Reads one input each.
   *
   * @throws MillraceException INVALID_ARGUMENT that names the input and what was expected
   */
  public List<Tensor> parse(List<String> inputs) {
    ObjectNode request = JSON.createObjectNode();
    ArrayNode tensors = request.putArray("inputs");
    for (String input : inputs) {
      int equals = input.indexOf('=');
      if (equals <= 0) {
        throw invalid("--input '%s': expected name=JSON, for example x=[[1,2,3,4]]", input);
      }
      tensors.add(tensor(declared(input.substring(0, equals)), input.substring(equals + 1)));
    }
    try {
      ByteBuffer body = ByteBuffer.wrap(JSON.writeValueAsBytes(request));
      return HttpInferCodec.decodeRequest(body, HttpInferCodec.NO_BINARY).inputs();
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private TensorMetadata declared(String name) {
    Optional<TensorMetadata> found =
        metadata.inputs().stream().filter(input -> input.name().equals(name)).findFirst();
    return found.orElseThrow(
        () ->
            invalid(
                "'%s' has no input '%s' (it has: %s)",
                metadata.name(),
                name,
                metadata.inputs().stream()
                    .map(InputTensors::shown)
                    .collect(Collectors.joining(", "))));
  }

  /** For example {@code x FP32[-1, 4]}. */
  private static String shown(TensorMetadata input) {
    return input.name() + " " + input.datatype() + input.shape();
  }

  private static ObjectNode tensor(TensorMetadata declared, String text) {
    JsonNode value = value(declared, text);
    var shape = new ArrayList<Long>();
    ArrayNode data = JSON.createArrayNode();
    if (value.isArray()) {
      for (JsonNode level = value; level != null && level.isArray(); level = level.get(0)) {
        shape.add((long) level.size());
      }
      flatten(declared, value, shape, 0, data);
    } else {
      // One value stands for a tensor of one element, whatever the rank.
      declared.shape().forEach(dimension -> shape.add(1L));
      data.add(value);
    }
    ObjectNode tensor = JSON.createObjectNode();
    tensor.put("name", declared.name()).put("datatype", declared.datatype());
    shape.forEach(tensor.withArray("shape")::add);
    tensor.set("data", data);
    return tensor;
  }

  private static JsonNode value(TensorMetadata declared, String text) {
    String json = text.startsWith("@") ? read(declared.name(), text.substring(1)) : text;
    try {
      JsonNode value = JSON.readTree(json);
      if (value.isArray() || value.isValueNode() && !value.isNull() && !value.isMissingNode()) {
        return value;
      }
    } catch (JsonProcessingException notJson) {
      if (declared.datatype().equals("BYTES")) {
        return TextNode.valueOf(json);
      }
    }
    throw invalid(
        "--input '%s': '%s' is no JSON array (expected: %s)",
        declared.name(), json.length() > 60 ? json.substring(0, 60) + "…" : json, shown(declared));
  }

  private static String read(String name, String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException unreadable) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND, "--input '%s': file '%s' cannot be read", name, file);
    }
  }

  private static void flatten(
      TensorMetadata declared, JsonNode node, List<Long> shape, int depth, ArrayNode data) {
    boolean leaf = depth == shape.size();
    if (leaf == node.isArray() || (!leaf && node.size() != shape.get(depth))) {
      throw invalid(
          "--input '%s': the arrays are not of equal length (expected: shape %s throughout)",
          declared.name(), shape);
    }
    if (leaf) {
      data.add(node);
      return;
    }
    for (JsonNode child : node) {
      flatten(declared, child, shape, depth + 1, data);
    }
  }

  private static MillraceException invalid(String format, Object... arguments) {
    return MillraceException.of(ErrorCode.INVALID_ARGUMENT, format, arguments);
  }
}
