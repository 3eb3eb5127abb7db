package dev.millrace.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelInferResponse.InferOutputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MiniLmWorkloadTest {
  private static final int TOKENS = 2;
  private static final int NUMBERS = TOKENS * 384;

  private final MiniLmWorkload workload = new MiniLmWorkload(TOKENS);

  @Test
  void asksForThreeInputsOfOneSentence() throws Exception {
    Exchange exchange = workload.exchanges(Protocol.GRPC, "m").get(0);
    var request = ModelInferRequest.parseFrom(exchange.request());

    assertThat(request.getInputsList())
        .extracting(ModelInferRequest.InferInputTensor::getName)
        .containsExactly("input_ids", "attention_mask", "token_type_ids");
    assertThat(request.getInputs(0).getShapeList()).containsExactly(1L, 2L);
    assertThat(request.getRawInputContents(0).size()).isEqualTo(TOKENS * 8);
  }

  @Test
  void acceptsFiniteNumbersOfTheRightShapeOverGrpc() {
    Exchange exchange = workload.exchanges(Protocol.GRPC, "m").get(0);

    assertThat(exchange.check().problem(grpc(NUMBERS, List.of(1L, 2L, 384L), 0.5f), -1)).isNull();
    assertThat(exchange.check().problem(grpc(NUMBERS, List.of(1L, 2L, 384L), Float.NaN), -1))
        .isEqualTo("number 0 is NaN");
    assertThat(exchange.check().problem(grpc(NUMBERS, List.of(2L, 1L, 384L), 0.5f), -1))
        .startsWith("expected shape [1, 2, 384]");
    assertThat(exchange.check().problem(grpc(384, List.of(1L, 2L, 384L), 0.5f), -1))
        .isEqualTo("expected 768 FP32, got 1536 bytes");
  }

  @Test
  void acceptsFiniteNumbersOverJson() {
    Exchange exchange = workload.exchanges(Protocol.HTTP_JSON, "m").get(0);

    assertThat(exchange.check().problem(json(NUMBERS, "0.25"), -1)).isNull();
    assertThat(exchange.check().problem(json(NUMBERS, "-1.5e-7"), -1)).isNull();
    assertThat(exchange.check().problem(json(NUMBERS, "NaN"), -1))
        .isEqualTo("number 1 is not finite");
    assertThat(exchange.check().problem(json(NUMBERS, "-Infinity"), -1)).contains("not finite");
    assertThat(exchange.check().problem(json(NUMBERS - 1, "1"), -1))
        .isEqualTo("expected 768 numbers, got 767");
    assertThat(exchange.check().problem("{\"error\":\"no\"}".getBytes(StandardCharsets.UTF_8), -1))
        .isEqualTo("expected 768 numbers, got 0");
  }

  @Test
  void readsNestedArraysRowByRow() {
    var numbers =
        JsonNumbers.of(
            "{\"data\" : [[1, -2.5],\n [3e2]], \"x\":[9]}".getBytes(StandardCharsets.UTF_8),
            "data");

    assertThat(numbers.next()).isTrue();
    assertThat(numbers.read()).isEqualTo(1);
    assertThat(numbers.next()).isTrue();
    assertThat(numbers.read()).isEqualTo(-2.5);
    assertThat(numbers.next()).isTrue();
    assertThat(numbers.read()).isEqualTo(300);
    assertThat(numbers.next()).isFalse();
  }

  private static byte[] grpc(int count, List<Long> shape, float value) {
    var data = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
    while (data.hasRemaining()) {
      data.putFloat(value);
    }
    return ModelInferResponse.newBuilder()
        .addOutputs(InferOutputTensor.newBuilder().setName("last_hidden_state").addAllShape(shape))
        .addRawOutputContents(ByteString.copyFrom(data.flip()))
        .build()
        .toByteArray();
  }

  private static byte[] json(int count, String number) {
    String data = String.join(",", java.util.Collections.nCopies(count, number));
    return ("{\"outputs\":[{\"name\":\"last_hidden_state\",\"shape\":[1,2,384],\"data\":["
            + data
            + "]}]}")
        .getBytes(StandardCharsets.UTF_8);
  }
}
