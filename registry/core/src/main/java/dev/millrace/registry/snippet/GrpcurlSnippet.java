package dev.millrace.registry.snippet;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.registry.sample.SampleRequest;
import dev.millrace.registry.sample.SampleTensor;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** gRPC from a shell: the tensors of any endpoint, also of one that takes text over REST. */
final class GrpcurlSnippet {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private GrpcurlSnippet() {}

  static String of(EndpointCall call) {
    return "# MILLRACE_API_KEY holds a key that may call endpoints. The description of the service,"
        + " once:\ncurl -sS --fail-with-body "
        + Quotes.shell(call.baseUrl() + "/api/v1/open_inference.proto")
        + CurlSnippet.authorization()
        + " \\\n  -o open_inference.proto\n\n"
        + (call.sample().isJson() ? typed(call) : raw(call));
  }

  private static String typed(EndpointCall call) {
    var body = JSON.objectNode().put("model_name", call.endpoint());
    var inputs = body.putArray("inputs");
    for (var input : call.sample().inputs()) {
      head(inputs.addObject(), input)
          .putObject("contents")
          .set(field(input.datatype()), elements(input));
    }
    return grpcurl(call, Quotes.shell(body.toString()));
  }

  /** All inputs as raw bytes, since they cannot be mixed; what is not listed is zeros. */
  private static String raw(EndpointCall call) {
    var body = JSON.objectNode().put("model_name", call.endpoint());
    var inputs = body.putArray("inputs");
    call.sample().inputs().forEach(input -> head(inputs.addObject(), input));
    var open = body.toString();
    var script = new StringBuilder("{\n  printf '%s' ");
    script.append(Quotes.shell(open.substring(0, open.length() - 1) + ",\"raw_input_contents\":["));
    var comma = "";
    for (var input : call.sample().inputs()) {
      script.append("\n  printf '%s' ").append(Quotes.shell(comma + "\""));
      if (input.listed()) {
        var bytes = Base64.getEncoder().encodeToString(RawBytes.of(input));
        script.append("\n  printf '%s' ").append(Quotes.shell(bytes));
      } else {
        script.append("\n  head -c ").append(input.byteSize());
        script.append(" /dev/zero | base64 | tr -d '\\n'");
      }
      script.append("\n  printf '%s' ").append(Quotes.shell("\""));
      comma = ",";
    }
    return script.append("\n  printf '%s' ']}'\n} | ").append(grpcurl(call, "@")).toString();
  }

  private static String grpcurl(EndpointCall call, String data) {
    return "grpcurl "
        + (call.baseUrl().tls() ? "" : "-plaintext ")
        + "-import-path . -proto open_inference.proto \\\n"
        + "  -H \"authorization: Bearer $MILLRACE_API_KEY\" \\\n  -d "
        + data
        + " \\\n  "
        + Quotes.shell(call.baseUrl().target())
        + " inference.GRPCInferenceService/ModelInfer\n";
  }

  private static ObjectNode head(ObjectNode tensor, SampleTensor input) {
    tensor.put("name", input.name()).put("datatype", input.datatype().name());
    var shape = tensor.putArray("shape");
    input.shape().forEach(shape::add);
    return tensor;
  }

  private static String field(DataType type) {
    return switch (type) {
      case BOOL -> "bool_contents";
      case INT8, INT16, INT32 -> "int_contents";
      case INT64 -> "int64_contents";
      case UINT8, UINT16, UINT32 -> "uint_contents";
      case UINT64 -> "uint64_contents";
      case FP32 -> "fp32_contents";
      case FP64 -> "fp64_contents";
      case BYTES -> "bytes_contents";
      case FP16, BF16 -> throw new IllegalStateException(type + " has no typed form");
    };
  }

  /** As in REST, but strings are bytes here, and bytes are base64 in JSON. */
  private static com.fasterxml.jackson.databind.node.ArrayNode elements(SampleTensor input) {
    if (input.datatype() != DataType.BYTES) {
      return SampleRequest.elements(input);
    }
    var data = JSON.arrayNode();
    for (var value : input.values()) {
      var bytes = value.toString().getBytes(StandardCharsets.UTF_8);
      data.add(Base64.getEncoder().encodeToString(bytes));
    }
    return data;
  }
}
