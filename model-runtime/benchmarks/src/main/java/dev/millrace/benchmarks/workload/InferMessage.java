package dev.millrace.benchmarks.workload;

import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.benchmarks.wire.Exchange.Check;
import dev.millrace.protocol.grpc.ModelInferRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Encodes one inference request in each protocol. */
final class InferMessage {
  private InferMessage() {}

  /**
   * One input tensor.
   *
   * @param data row-major, little-endian, from position to limit
   * @param json the same numbers, comma-separated
   */
  record Input(String name, String datatype, List<Long> shape, ByteBuffer data, String json) {
    private String head() {
      String dimensions = shape.stream().map(String::valueOf).collect(Collectors.joining(","));
      return "{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":[%s],"
          .formatted(name, datatype, dimensions);
    }
  }

  static Exchange encode(Protocol protocol, String model, List<Input> inputs, Check check) {
    return switch (protocol) {
      case HTTP_JSON -> json(inputs, check);
      case HTTP_BINARY -> binary(inputs, check);
      case GRPC -> new Exchange(grpc(model, inputs).toByteArray(), -1, check);
    };
  }

  private static Exchange json(List<Input> inputs, Check check) {
    String tensors =
        inputs.stream()
            .map(input -> input.head() + "\"data\":[" + input.json() + "]}")
            .collect(Collectors.joining(","));
    return new Exchange(utf8("{\"inputs\":[" + tensors + "]}"), -1, check);
  }

  private static Exchange binary(List<Input> inputs, Check check) {
    String tensors =
        inputs.stream()
            .map(
                input ->
                    input.head()
                        + "\"parameters\":{\"binary_data_size\":"
                        + input.data().remaining()
                        + "}}")
            .collect(Collectors.joining(","));
    byte[] head =
        utf8("{\"parameters\":{\"binary_data_output\":true},\"inputs\":[" + tensors + "]}");
    int size = inputs.stream().mapToInt(input -> input.data().remaining()).sum();
    byte[] body = Arrays.copyOf(head, head.length + size);
    var tail = ByteBuffer.wrap(body, head.length, size);
    inputs.forEach(input -> tail.put(input.data().duplicate()));
    return new Exchange(body, head.length, check);
  }

  private static ModelInferRequest grpc(String model, List<Input> inputs) {
    var request = ModelInferRequest.newBuilder().setModelName(model);
    for (Input input : inputs) {
      request
          .addInputsBuilder()
          .setName(input.name())
          .setDatatype(input.datatype())
          .addAllShape(input.shape());
      request.addRawInputContents(UnsafeByteOperations.unsafeWrap(input.data().duplicate()));
    }
    return request.build();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
