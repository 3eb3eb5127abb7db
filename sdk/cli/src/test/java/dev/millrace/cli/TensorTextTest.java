package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTextTest {
  @Test
  void nestsAsTheShapeSays() {
    assertThat(TensorText.pretty(Tensors.int64("n", new long[] {1, 2, 3, 4}, 2, 1, 2)))
        .isEqualTo("n  INT64[2, 1, 2]\n  [[[1, 2]],\n   [[3, 4]]]");
    assertThat(TensorText.pretty(Tensors.float32("s", new float[] {2.5f})))
        .isEqualTo("s  FP32[]\n  2.5");
    assertThat(TensorText.pretty(Tensors.float32("e", new float[] {}, 0)))
        .isEqualTo("e  FP32[0]\n  []");
  }

  @Test
  void keepsQuotesAroundText() {
    assertThat(TensorText.pretty(Tensors.strings("t", List.of("a \"b\"", "c"), 2)))
        .isEqualTo("t  BYTES[2]\n  [\"a \\\"b\\\"\", \"c\"]");
  }

  @Test
  void cutsWhatNobodyReads() {
    assertThat(TensorText.pretty(Tensors.int64("n", new long[1000], 1000)))
        .endsWith("0, 0, …] (1000 values; --json prints all)");
  }

  @Test
  void saysWhenThereIsNoJsonForm() {
    var half = new Tensor("h", DataType.FP16, new long[] {2}, ByteBuffer.allocate(4));

    assertThat(TensorText.pretty(half)).isEqualTo("h  FP16[2]  4 bytes (FP16 has no JSON form)");
  }
}
