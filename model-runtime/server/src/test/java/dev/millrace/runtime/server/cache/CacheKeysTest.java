package dev.millrace.runtime.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheKeysTest {
  private static final CacheKeys KEYS = new CacheKeys("sha256:aa", Map.of());
  private static final Tensor X = Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4);
  private static final Tensor IDS = Tensors.int64("ids", new long[] {7, 8}, 1, 2);

  private static InferRequest request(Tensor... inputs) {
    return request(Map.of(), List.of(), inputs);
  }

  private static InferRequest request(
      Map<String, Object> parameters, List<RequestedOutput> outputs, Tensor... inputs) {
    return new InferRequest("m", "", "id", parameters, List.of(inputs), outputs);
  }

  @Test
  void everyEncodingOfBothProtocolsHasTheSameKey() {
    var request = request(X, IDS);
    var expected = KEYS.of(request);

    for (TensorEncoding encoding : TensorEncoding.values()) {
      EncodedBody body = HttpInferCodec.encodeRequest(request, encoding);
      int json = body.jsonLength();
      var decoded = HttpInferCodec.decodeRequest(body.joined(), json);
      assertThat(KEYS.of(decoded)).as(encoding.name()).isEqualTo(expected);
    }
    for (GrpcEncoding encoding : GrpcEncoding.values()) {
      var decoded = GrpcInferCodec.decodeRequest(GrpcInferCodec.encodeRequest(request, encoding));
      assertThat(KEYS.of(decoded)).as(encoding.name()).isEqualTo(expected);
    }
  }

  @Test
  void orderNameAndIdDoNotMatterAndNorDoesHowTheAnswerIsSent() {
    var expected = KEYS.of(request(X, IDS));
    List<InferRequest> same = new ArrayList<>();
    same.add(request(IDS, X));
    same.add(new InferRequest("", "3", "other", Map.of(), List.of(X, IDS), List.of()));
    same.add(
        request(
            Map.of("priority", 1L, "timeout", 500L, "binary_data_output", true),
            List.of(),
            X,
            IDS));
    same.add(
        request(
            new Tensor("x", DataType.FP32, X.shape(), X.data(), Map.of("binary_data_size", 16L)),
            IDS));

    assertThat(same).allSatisfy(request -> assertThat(KEYS.of(request)).isEqualTo(expected));
  }

  @Test
  void whateverTheAnswerDependsOnMatters() {
    List<CacheKey> keys = new ArrayList<>();
    keys.add(KEYS.of(request(X)));
    keys.add(new CacheKeys("sha256:bb", Map.of()).of(request(X)));
    keys.add(new CacheKeys("sha256:aa", Map.of("device", "cuda")).of(request(X)));
    keys.add(KEYS.of(request(X.renamed("y"))));
    keys.add(KEYS.of(request(Tensors.float32("x", new float[] {1, 2, 3, 5}, 1, 4))));
    keys.add(KEYS.of(request(Tensors.float32("x", new float[] {1, 2, 3, 4}, 2, 2))));
    keys.add(KEYS.of(request(Tensors.float32("x", new float[] {1, 2, 3, 4}, 4))));
    keys.add(KEYS.of(request(new Tensor("x", DataType.INT32, X.shape(), X.data()))));
    keys.add(KEYS.of(request(Map.of(), List.of(new RequestedOutput("y", Map.of())), X)));
    keys.add(KEYS.of(request(Map.of(), List.of(new RequestedOutput("z", Map.of())), X)));
    keys.add(
        KEYS.of(
            request(Map.of(), List.of(new RequestedOutput("y", Map.of("classification", 3L))), X)));
    keys.add(KEYS.of(request(Map.of("temperature", 1L), List.of(), X)));
    keys.add(KEYS.of(request(Map.of("temperature", "1"), List.of(), X)));
    keys.add(KEYS.of(new long[] {1, 2}, new long[] {1, 1}, new long[] {0, 0}));
    keys.add(KEYS.of(new long[] {1, 2, 1}, new long[] {1}, new long[] {0, 0}));
    keys.add(KEYS.of(new long[] {1, 2}, new long[] {1, 0}, new long[] {0, 0}));
    keys.add(KEYS.of(new long[] {1, 2}, new long[] {1, 1}, new long[] {0, 1}));

    assertThat(keys).doesNotHaveDuplicates();
  }

  @Test
  void neighboursCannotBeMistakenForEachOther() {
    var ab = Tensors.strings("s", List.of("ab", "c"), 2);
    var bc = Tensors.strings("s", List.of("a", "bc"), 2);

    assertThat(KEYS.of(request(ab))).isNotEqualTo(KEYS.of(request(bc)));
    assertThat(
            KEYS.of(
                request(
                    Map.of(),
                    List.of(new RequestedOutput("y", Map.of()), new RequestedOutput("z", Map.of())),
                    X)))
        .isNotEqualTo(
            KEYS.of(
                request(
                    Map.of(),
                    List.of(new RequestedOutput("z", Map.of()), new RequestedOutput("y", Map.of())),
                    X)));
  }

  @Test
  void notANumberCountsWithItsBits() {
    assertThat(KEYS.of(request(bits(0x7fc00000)))).isEqualTo(KEYS.of(request(bits(0x7fc00000))));
    assertThat(KEYS.of(request(bits(0x7fc00000)))).isNotEqualTo(KEYS.of(request(bits(0x7fc00001))));
    assertThat(KEYS.of(request(bits(0x80000000)))).isNotEqualTo(KEYS.of(request(bits(0))));
  }

  @Test
  void aCallOfASequenceIsNotKept() {
    assertThat(CacheKeys.cacheable(request(X))).isTrue();
    assertThat(CacheKeys.cacheable(request(Map.of("priority", 1L), List.of(), X))).isTrue();
    assertThat(CacheKeys.cacheable(request(Map.of("sequence_id", 4L), List.of(), X))).isFalse();
  }

  private static Tensor bits(int bits) {
    var data = ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, bits);
    return new Tensor("x", DataType.FP32, new long[] {1}, data);
  }
}
