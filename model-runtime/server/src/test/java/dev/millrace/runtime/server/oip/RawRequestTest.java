package dev.millrace.runtime.server.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RawRequestTest {
  private static final Dimension BATCH = Dimension.symbolic("batch");

  private static Tensor read(int bytes, TensorSignature... inputs) {
    var signature = new Signature(List.of(inputs), List.of());
    return RawRequest.of(ByteBuffer.allocate(bytes), signature).inputs().getFirst();
  }

  private static TensorSignature floats(Dimension... shape) {
    return new TensorSignature("x", DataType.FP32, List.of(shape), 0);
  }

  @Test
  void theBatchIsOneRowAndTheOtherFreeDimensionFollowsFromTheLength() {
    assertThat(read(16, floats(BATCH, Dimension.fixed(4))).shape()).containsExactly(1, 4);
    assertThat(read(48, floats(BATCH, Dimension.free(), Dimension.fixed(4))).shape())
        .containsExactly(1, 3, 4);
    assertThat(read(16, floats(BATCH, Dimension.fixed(4))).name()).isEqualTo("x");
  }

  @Test
  void aBodyThatIsNoRowIsRefused() {
    for (int bytes : new int[] {0, 15, 17, 32}) {
      assertThatThrownBy(() -> read(bytes, floats(BATCH, Dimension.fixed(4))))
          .hasMessageContaining("'x'")
          .hasMessageContaining(bytes + " bytes");
    }
    assertThatThrownBy(() -> read(17, floats(BATCH, Dimension.free(), Dimension.fixed(4))))
        .hasMessageContaining("17 bytes");
  }

  @Test
  void aShapeOfAbsurdSizeIsRefusedLikeAnyOther() {
    var absurd = floats(BATCH, Dimension.fixed(1L << 40), Dimension.fixed(1L << 40));
    assertThatThrownBy(() -> read(16, absurd)).hasMessageContaining("16 bytes");
  }

  @Test
  void whatIsNotSaidByTheLengthIsRefused() {
    assertThatThrownBy(() -> read(16, floats(BATCH, Dimension.free(), Dimension.free())))
        .hasMessageContaining("more than one free dimension");
    var x = floats(BATCH);
    assertThatThrownBy(() -> read(16, x, x)).hasMessageContaining("2 inputs");
    assertThatThrownBy(() -> read(16, Collections.nCopies(0, x).toArray(TensorSignature[]::new)))
        .hasMessageContaining("0 inputs");
  }

  @Test
  void textIsOneElementAsItIs() {
    var input = new TensorSignature("t", DataType.BYTES, List.of(BATCH, Dimension.fixed(1)), 0);
    var body = ByteBuffer.wrap("mill".getBytes(StandardCharsets.UTF_8));
    var request = RawRequest.of(body, new Signature(List.of(input), List.of()));
    Tensor text = request.inputs().getFirst();
    assertThat(text.shape()).containsExactly(1, 1);
    assertThat(text.byteSize()).isEqualTo(8);
    assertThat(request.parameters()).containsEntry("binary_data_output", true);
    assertThatThrownBy(
            () ->
                read(
                    4,
                    new TensorSignature(
                        "t", DataType.BYTES, List.of(BATCH, Dimension.fixed(4)), 0)))
        .hasMessageContaining("more than one element");
  }
}
