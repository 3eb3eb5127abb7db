package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.BatchAxes;
import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PaddingPlanTest {
  private static final TensorSignature HIDDEN =
      tensor("last_hidden_state", DataType.FP32, "batch", "sequence", "384");

  @Test
  void infersIdsMasksAndTokenTypes() throws Exception {
    var signature =
        signature(
            HIDDEN,
            tensor("input_ids", DataType.INT64, "batch", "sequence"),
            tensor("attention_mask", DataType.INT64, "batch", "sequence"),
            tensor("token_type_ids", DataType.INT64, "batch", "sequence"));

    PaddingPlan plan = PaddingPlan.of(signature, null).orElseThrow();

    assertThat(List.of(plan.pads(0), plan.pads(1), plan.pads(2))).containsOnly(true);
    assertThat(plan.lengthAxes(HIDDEN, new long[] {4, 9, 384}, 9)).containsExactly(1);
  }

  @Test
  void padsNothingWithoutAMaskUnlessTold() throws Exception {
    var signature =
        signature(
            tensor("y", DataType.FP32, "batch", "sequence"),
            tensor("input_ids", DataType.INT64, "batch", "sequence"),
            tensor("token_type_ids", DataType.INT64, "batch", "sequence"));

    assertThat(PaddingPlan.of(signature, null)).isEmpty();
    assertThat(PaddingPlan.of(signature, Map.of("input_ids", 1L))).isPresent();
  }

  @Test
  void infersNoFloats() throws Exception {
    var signature =
        signature(
            tensor("y", DataType.FP32, "batch", "time"),
            tensor("features", DataType.FP32, "batch", "time", "80"),
            tensor("mask", DataType.INT64, "batch", "time"));

    assertThat(PaddingPlan.of(signature, null)).isEmpty();
    PaddingPlan plan = PaddingPlan.of(signature, Map.of("features", -2L)).orElseThrow();
    ByteBuffer memory = ByteBuffer.allocate(1_204).order(ByteOrder.LITTLE_ENDIAN);
    plan.fill(0, memory);
    assertThat(memory.getFloat(0)).isEqualTo(-2);
    assertThat(memory.getFloat(1_200)).isEqualTo(-2);
  }

  @Test
  void takesSecondAxesToBeTheLengthWhereverTheyAreNamedDifferently() throws Exception {
    var output = tensor("y", DataType.FP32, "batch", "Addy_dim_1", "3");
    var signature =
        signature(
            output,
            tensor("ids", DataType.INT64, "batch", "-1"),
            tensor("mask", DataType.INT64, "batch", "s1"));

    PaddingPlan plan = PaddingPlan.of(signature, null).orElseThrow();

    assertThat(plan.lengthAxes(output, new long[] {2, 7, 3}, 7)).containsExactly(1);
    assertThat(plan.lengthAxes(output, new long[] {2, 5, 3}, 7)).isEmpty();
  }

  @Test
  void hasNoPlanForTwoLengths() throws Exception {
    var image =
        signature(
            tensor("y", DataType.FP32, "batch", "10"),
            tensor("mask", DataType.INT64, "batch", "height", "width"));
    var pair =
        signature(
            tensor("y", DataType.FP32, "batch", "10"),
            tensor("mask", DataType.INT64, "batch", "3", "left"),
            tensor("ids", DataType.INT64, "batch", "right"));

    assertThat(PaddingPlan.of(image, null)).isEmpty();
    assertThat(PaddingPlan.of(pair, null)).isEmpty();
  }

  @Test
  void hasNoPlanForALengthThatTheWholeBatchShares() throws Exception {
    var signature =
        signature(
            tensor("y", DataType.FP32, "batch", "10"),
            tensor("ids", DataType.INT64, "batch", "sequence"),
            tensor("mask", DataType.INT64, "batch", "sequence"));
    var shared = tensor("positions", DataType.INT64, "sequence");
    var inputs = new java.util.ArrayList<>(signature.inputs());
    inputs.add(shared);

    assertThat(PaddingPlan.of(new Signature(inputs, signature.outputs()), null)).isEmpty();
  }

  @Test
  void cutsEveryAxisThatHasTheLength() throws Exception {
    var attention = tensor("attention", DataType.FP32, "batch", "2", "sequence", "sequence");
    var signature =
        signature(
            attention,
            tensor("ids", DataType.INT64, "batch", "sequence"),
            tensor("mask", DataType.INT64, "batch", "sequence"));
    PaddingPlan plan = PaddingPlan.of(signature, null).orElseThrow();

    assertThat(plan.lengthAxes(attention, new long[] {3, 2, 8, 8}, 8)).containsExactly(2, 3);
    assertThatThrownBy(() -> plan.lengthAxes(attention, new long[] {3, 2, 8, 9}, 8))
        .isInstanceOf(ModelExecutionException.class)
        .hasMessageContaining("[3, 2, 8, 9] for a batch padded to 8");
  }

  @Test
  void saysWhatIsWrongWithAManifest() {
    var signature =
        signature(
            HIDDEN,
            tensor("ids", DataType.INT32, "batch", "sequence"),
            tensor("size", DataType.INT64, "batch", "2"));

    assertThatThrownBy(() -> PaddingPlan.of(signature, Map.of("idz", 0L)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("padding of 'idz': no such input (expected: one of [ids])");
    assertThatThrownBy(() -> PaddingPlan.of(signature, Map.of("size", 0L)))
        .hasMessage("padding of 'size': the input has no length to pad (expected: one of [ids])");
    assertThatThrownBy(() -> PaddingPlan.of(signature, Map.of("ids", 1L << 40)))
        .hasMessage("padding of 'ids': 1099511627776 (expected: a value of INT32)");
  }

  private static Signature signature(TensorSignature output, TensorSignature... inputs) {
    return BatchAxes.detect(new Signature(List.of(inputs), List.of(output)));
  }

  private static TensorSignature tensor(String name, DataType type, String... shape) {
    return new TensorSignature(
        name, type, Arrays.stream(shape).map(PaddingPlanTest::dimension).toList(), null);
  }

  private static Dimension dimension(String text) {
    return text.matches("-?[0-9]+")
        ? Dimension.fromWire(Integer.valueOf(text))
        : Dimension.symbolic(text);
  }
}
