package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.ModelInferRequest.InferInputTensor;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The fast reader must never read a message to another result than protobuf's. */
class PlainGrpcReaderFuzzTest {
  private static final long SEED = 20_261_124L;
  private static final int ROUNDS = 60_000;

  @Test
  void takesTheUsualForm() {
    for (DataType type : DataType.values()) {
      assertThat(compare(message(request(type), GrpcEncoding.RAW))).as(type.name()).isTrue();
    }
  }

  @Test
  void leavesTheRestToTheOther() {
    InferRequest plain = request(DataType.FP32);
    InferRequest withParameters =
        new InferRequest("m", "1", "id", Map.of("priority", 1L), plain.inputs(), plain.outputs());
    assertThat(compare(message(plain, GrpcEncoding.TYPED))).isFalse();
    assertThat(compare(message(withParameters, GrpcEncoding.RAW))).isFalse();
    assertThat(compare(new byte[0])).isFalse();
  }

  @Test
  void leavesAShapeInTwoPartsToTheOther() {
    ByteString input =
        InferInputTensor.newBuilder()
            .setName("x")
            .setDatatype("FP32")
            .addShape(2)
            .build()
            .toByteString()
            .concat(InferInputTensor.newBuilder().addShape(2).build().toByteString());
    for (int bytes : new int[] {8, 16}) {
      ByteString message =
          ByteString.copyFrom(new byte[] {5 << 3 | 2, (byte) input.size()})
              .concat(input)
              .concat(ByteString.copyFrom(new byte[] {7 << 3 | 2, (byte) bytes}))
              .concat(ByteString.copyFrom(new byte[bytes]));
      assertThat(compare(message.toByteArray())).as("%d bytes", bytes).isFalse();
    }
  }

  @Test
  void mutatedMessages() {
    var seeds = new ArrayList<byte[]>();
    for (DataType type : List.of(DataType.FP32, DataType.INT64, DataType.BYTES)) {
      seeds.add(message(request(type), GrpcEncoding.RAW));
    }
    var random = new Random(SEED);
    int plain = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] mutant = seeds.get(random.nextInt(seeds.size())).clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        int at = random.nextInt(mutant.length);
        switch (random.nextInt(3)) {
          case 0 -> mutant[at] = (byte) random.nextInt(256);
          case 1 -> mutant[at] = (byte) (1 + random.nextInt(64));
          default -> mutant = Arrays.copyOf(mutant, Math.max(1, at));
        }
      }
      plain += compare(mutant) ? 1 : 0;
    }
    assertThat(plain).as("mutants that the fast reader took").isGreaterThan(ROUNDS / 20);
  }

  private static InferRequest request(DataType type) {
    Tensor second = Tensors.int64("mask", new long[] {1, 0, 300}, 1, 3);
    return new InferRequest(
        "m",
        "7",
        "grüße",
        Map.of(),
        List.of(SampleTensors.of(type), second),
        List.of(new RequestedOutput("y", Map.of())));
  }

  private static byte[] message(InferRequest request, GrpcEncoding encoding) {
    return GrpcInferCodec.encodeRequest(request, encoding).toByteArray();
  }

  /**
   * Whether the fast reader took it, from the heap and from direct memory; the other must agree.
   */
  private static boolean compare(byte[] message) {
    String where = "seed " + SEED + ": " + HexFormat.of().formatHex(message);
    ByteBuffer direct = ByteBuffer.allocateDirect(message.length + 3);
    direct.put(3, message).position(3);
    InferRequest fast = PlainGrpcReader.read(ByteBuffer.wrap(message));
    InferRequest fromDirect = PlainGrpcReader.read(direct);
    if (fast == null) {
      assertThat(fromDirect).as(where).isNull();
      return false;
    }
    InferRequest general;
    try {
      general = GrpcInferCodec.decodeRequest(GrpcInferCodec.parse(ByteBuffer.wrap(message)));
    } catch (MillraceException refused) {
      throw new AssertionError(where + ": accepted what is refused", refused);
    }
    assertThat(describe(fast)).as(where).isEqualTo(describe(general));
    assertThat(fromDirect).as(where).isNotNull();
    assertThat(describe(fromDirect)).as(where).isEqualTo(describe(general));
    return true;
  }

  private static String describe(InferRequest request) {
    var text = new StringBuilder();
    text.append(request.modelName()).append('|').append(request.modelVersion()).append('|');
    text.append(request.id()).append('|').append(request.parameters()).append('|');
    text.append(request.outputs()).append('|');
    for (Tensor input : request.inputs()) {
      byte[] bytes = new byte[input.byteSize()];
      input.data().get(bytes);
      text.append(input).append(input.parameters()).append(HexFormat.of().formatHex(bytes));
    }
    return text.toString();
  }
}
