package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client encodes, a server decodes to the same bits, and the way back, in every form. */
class RoundTripTest {
  private static InferRequest request(Tensor tensor) {
    return new InferRequest("m", "3", "id-1", Map.of("k", 7L), List.of(tensor), List.of());
  }

  private static InferResponse response(Tensor tensor) {
    return new InferResponse("m", "3", "id-1", Map.of("p", 0.5), List.of(tensor));
  }

  private static void assertSame(Tensor actual, Tensor expected) {
    assertThat(actual.name()).isEqualTo(expected.name());
    assertThat(actual.datatype()).isEqualTo(expected.datatype());
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.data()).isEqualTo(expected.data());
  }

  @ParameterizedTest
  @EnumSource
  void binaryOverHttp(DataType type) {
    Tensor tensor = SampleTensors.of(type);
    EncodedBody body = HttpInferCodec.encodeRequest(request(tensor), TensorEncoding.BINARY);
    InferRequest got = HttpInferCodec.decodeRequest(body.joined(), body.jsonLength());
    assertSame(got.inputs().get(0), tensor);
    assertThat(got.id()).isEqualTo("id-1");
    assertThat(got.parameters()).containsEntry("k", 7L).containsEntry("binary_data_output", true);

    EncodedBody answer = HttpInferCodec.encodeResponse(response(tensor), got);
    assertThat(answer.contentType()).isEqualTo("application/octet-stream");
    assertThat(answer.parts().get(1)).isEqualTo(tensor.data());
    InferResponse read = HttpInferCodec.decodeResponse(answer.joined(), answer.jsonLength());
    assertSame(read.outputs().get(0), tensor);
    assertThat(read.modelVersion()).isEqualTo("3");
    assertThat(read.parameters()).containsEntry("p", 0.5);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"FP16", "BF16"},
      mode = EnumSource.Mode.EXCLUDE)
  void jsonOverHttp(DataType type) {
    Tensor tensor = SampleTensors.of(type);
    EncodedBody body = HttpInferCodec.encodeRequest(request(tensor), TensorEncoding.JSON);
    assertThat(body.contentType()).isEqualTo("application/json");
    ByteBuffer direct = ByteBuffer.allocateDirect((int) body.size()).put(body.joined()).flip();
    assertSame(HttpInferCodec.decodeRequest(direct, -1).inputs().get(0), tensor);
    InferRequest got = HttpInferCodec.decodeRequest(body.joined(), body.jsonLength());
    assertSame(got.inputs().get(0), tensor);

    EncodedBody answer = HttpInferCodec.encodeResponse(response(tensor), got);
    assertThat(answer.jsonLength()).isEqualTo(-1);
    InferResponse read = HttpInferCodec.decodeResponse(answer.joined(), answer.jsonLength());
    assertSame(read.outputs().get(0), tensor);
  }

  @ParameterizedTest
  @EnumSource(names = {"FP16", "BF16"})
  void halfPrecisionHasNoJsonForm(DataType type) {
    Tensor tensor = SampleTensors.of(type);
    assertThatThrownBy(() -> HttpInferCodec.encodeResponse(response(tensor), request(tensor)))
        .hasMessageContaining("output 'x'")
        .hasMessageContaining("binary_data");
    assertThatThrownBy(() -> GrpcInferCodec.encodeRequest(request(tensor), GrpcEncoding.TYPED))
        .hasMessageContaining("'x'")
        .hasMessageContaining("raw");
  }

  @ParameterizedTest
  @EnumSource
  void rawOverGrpc(DataType type) {
    Tensor tensor = SampleTensors.of(type);
    byte[] wire = GrpcInferCodec.encodeRequest(request(tensor), GrpcEncoding.RAW).toByteArray();
    InferRequest got = GrpcInferCodec.decodeRequest(GrpcInferCodec.parse(ByteBuffer.wrap(wire)));
    assertSame(got.inputs().get(0), tensor);
    assertThat(got.modelName()).isEqualTo("m");
    assertThat(got.modelVersion()).isEqualTo("3");
    assertThat(got.parameters()).containsEntry("k", 7L);

    byte[] answer = GrpcInferCodec.encodeResponse(response(tensor)).toByteArray();
    InferResponse read =
        GrpcInferCodec.decodeResponse(GrpcInferCodec.parseResponse(ByteBuffer.wrap(answer)));
    assertSame(read.outputs().get(0), tensor);
    assertThat(read.parameters()).containsEntry("p", 0.5);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"FP16", "BF16"},
      mode = EnumSource.Mode.EXCLUDE)
  void typedOverGrpc(DataType type) {
    Tensor tensor = SampleTensors.of(type);
    byte[] wire = GrpcInferCodec.encodeRequest(request(tensor), GrpcEncoding.TYPED).toByteArray();
    InferRequest got = GrpcInferCodec.decodeRequest(GrpcInferCodec.parse(ByteBuffer.wrap(wire)));
    assertSame(got.inputs().get(0), tensor);
  }
}
