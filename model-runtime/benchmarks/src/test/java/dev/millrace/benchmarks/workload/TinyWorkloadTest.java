package dev.millrace.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.millrace.benchmarks.wire.Exchange;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The hand-written requests and checks, against the platform's own codecs. */
class TinyWorkloadTest {
  private final TinyWorkload workload = new TinyWorkload();

  @ParameterizedTest
  @EnumSource(names = {"HTTP_JSON", "HTTP_BINARY"})
  void requestsOverHttpAreReadAndTheirAnswersAccepted(Protocol protocol) {
    List<Exchange> exchanges = workload.exchanges(protocol, "m");
    Exchange exchange = exchanges.get(7);
    InferRequest request =
        HttpInferCodec.decodeRequest(ByteBuffer.wrap(exchange.request()), exchange.jsonLength());

    Encoded right = answer(request, 0);
    Encoded wrong = answer(request, 1);

    assertThat(exchange.check().problem(right.bytes(), right.jsonLength())).isNull();
    assertThat(exchange.check().problem(wrong.bytes(), wrong.jsonLength())).contains("expected");
    assertThat(exchanges.get(8).check().problem(right.bytes(), right.jsonLength()))
        .as("another request's answer")
        .contains("expected");
  }

  @Test
  void requestsOverGrpcAreReadAndTheirAnswersAccepted() throws Exception {
    List<Exchange> exchanges = workload.exchanges(Protocol.GRPC, "m");
    var request = ModelInferRequest.parseFrom(exchanges.get(7).request());
    var row = new float[4];
    request
        .getRawInputContents(0)
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(row);
    byte[] answer =
        ModelInferResponse.newBuilder()
            .addRawOutputContents(ByteString.copyFrom(floats(TinyModels.linearRow(row, 3))))
            .build()
            .toByteArray();

    assertThat(request.getModelName()).isEqualTo("m");
    assertThat(request.getInputs(0).getShapeList()).containsExactly(1L, 4L);
    assertThat(exchanges.get(7).check().problem(answer, -1)).isNull();
    assertThat(exchanges.get(8).check().problem(answer, -1)).contains("expected");
    assertThat(exchanges.get(7).check().problem(new byte[] {1, 2, 3}, -1))
        .startsWith("not a ModelInferResponse");
  }

  @Test
  void anEchoMustBeTheRequestItself() {
    Exchange echoed = workload.exchanges(Protocol.HTTP_JSON, "m").get(0).echoed();

    assertThat(echoed.check().problem(echoed.request().clone(), -1)).isNull();
    assertThat(echoed.check().problem(new byte[1], -1))
        .isEqualTo("the echo differs from the request");
  }

  @Test
  void sendsTheSameRequestsEveryTime() {
    assertThat(workload.exchanges(Protocol.GRPC, "m").get(5).request())
        .isEqualTo(workload.exchanges(Protocol.GRPC, "m").get(5).request());
  }

  private record Encoded(byte[] bytes, int jsonLength) {}

  private static Encoded answer(InferRequest request, float error) {
    var row = new float[4];
    request.inputs().get(0).data().asFloatBuffer().get(row);
    float[] numbers = TinyModels.linearRow(row, 3);
    numbers[2] += error;
    var output = new Tensor("y", DataType.FP32, new long[] {1, 3}, floats(numbers));
    EncodedBody body =
        HttpInferCodec.encodeResponse(
            new InferResponse("m", "1", "", Map.of(), List.of(output)), request);
    ByteBuffer joined = body.joined();
    var bytes = new byte[joined.remaining()];
    joined.get(bytes);
    return new Encoded(bytes, body.binary() ? body.jsonLength() : -1);
  }

  private static ByteBuffer floats(float[] values) {
    var data = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      data.putFloat(value);
    }
    return data.flip();
  }
}
