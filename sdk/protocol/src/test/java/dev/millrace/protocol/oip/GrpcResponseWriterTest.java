package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrpcResponseWriterTest {
  @Test
  void smallAnswersAreOneCopyWithTheSameBytesAsProtobufWrites() {
    var response =
        response(
            Tensors.float32("y", new float[] {1, 2.5f, -3}, 1, 3),
            Tensors.int64("scalar", new long[] {7}),
            Tensors.strings("text", List.of("a", "ü"), 2));

    List<ByteBuffer> parts = GrpcInferCodec.serializeResponse(response);

    assertThat(parts).hasSize(1);
    assertThat(joined(parts)).isEqualTo(GrpcInferCodec.encodeResponse(response).toByteArray());
  }

  @Test
  void largeTensorsStayInTheirOwnBuffers() {
    Tensor large = Tensors.float32("y", new float[5_000], 1, 5_000);
    var response = response(large, Tensors.int32("n", new int[] {1, 2}, 2));

    List<ByteBuffer> parts = GrpcInferCodec.serializeResponse(response);

    assertThat(parts).hasSize(4);
    assertThat(parts.get(1).array()).isSameAs(large.data().array());
    assertThat(joined(parts)).isEqualTo(GrpcInferCodec.encodeResponse(response).toByteArray());
  }

  @Test
  void parametersAreWrittenToo() {
    var response =
        new InferResponse(
            "m",
            "1",
            "id",
            Map.of("k", 1L),
            List.of(Tensors.float32("y", new float[] {1}, 1).renamed("z")));

    assertThat(joined(GrpcInferCodec.serializeResponse(response)))
        .isEqualTo(GrpcInferCodec.encodeResponse(response).toByteArray());
  }

  private static InferResponse response(Tensor... outputs) {
    return new InferResponse("modèle", "3", "request-1", Map.of(), List.of(outputs));
  }

  private static byte[] joined(List<ByteBuffer> parts) {
    return new EncodedBody(parts, -1).joined().array().clone();
  }
}
