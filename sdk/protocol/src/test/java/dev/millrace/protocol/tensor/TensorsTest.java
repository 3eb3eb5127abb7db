package dev.millrace.protocol.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.MillraceException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorsTest {
  @Test
  void readsBackWhatItMade() {
    assertThat(Tensors.floatArray(Tensors.float32("x", new float[] {1, 2}, 1, 2)))
        .containsExactly(1, 2);
    assertThat(Tensors.longArray(Tensors.int64("x", new long[] {-5}, 1))).containsExactly(-5);
    assertThat(Tensors.ints(Tensors.int32("x", new int[] {7})).get(0)).isEqualTo(7);
    assertThat(Tensors.doubles(Tensors.float64("x", new double[] {0.5}, 1)).get(0)).isEqualTo(0.5);
    assertThat(Tensors.strings(Tensors.strings("x", List.of("a", "", "ü"), 3)))
        .containsExactly("a", "", "ü");
  }

  @Test
  void refusesACountThatDoesNotFitTheShape() {
    assertThatThrownBy(() -> Tensors.float32("x", new float[3], 2, 2))
        .isInstanceOf(MillraceException.class)
        .hasMessage("tensor 'x': 3 values for shape [2, 2], which needs 4");
  }

  @Test
  void refusesToReadAnotherDatatype() {
    assertThatThrownBy(() -> Tensors.floats(Tensors.int64("x", new long[] {1}, 1)))
        .isInstanceOf(MillraceException.class)
        .hasMessage("tensor 'x' is INT64, not FP32");
  }

  @Test
  void refusesBrokenFraming() {
    var tensor =
        new Tensor("x", DataType.BYTES, new long[] {1}, ByteBuffer.wrap(new byte[] {9, 0, 0, 0}));
    assertThatThrownBy(() -> Tensors.strings(tensor))
        .isInstanceOf(MillraceException.class)
        .hasMessage("tensor 'x', element 0: its length says 9 bytes, but 0 are left");
  }
}
