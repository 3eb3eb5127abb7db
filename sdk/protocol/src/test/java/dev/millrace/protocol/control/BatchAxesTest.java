package dev.millrace.protocol.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.tensor.DataType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchAxesTest {
  @Test
  void takesTheSharedLeadingSymbol() {
    Signature found =
        detect(
            List.of(tensor("ids", "batch", "seq"), tensor("mask", "batch", "seq")),
            List.of(tensor("hidden", "batch", "seq", 384)));

    assertThat(axes(found.inputs())).containsExactly(0, 0);
    assertThat(axes(found.outputs())).containsExactly(0);
    assertThat(found.batchable()).isTrue();
  }

  @Test
  void followsTheSymbolToAnotherAxisAndSharesScalars() {
    Signature found =
        detect(
            List.of(tensor("input", "N", "samples"), tensor("state", 2, "N", 128), tensor("sr")),
            List.of(tensor("output", "N", 1), tensor("stateN", 2, "N", 128)));

    assertThat(axes(found.inputs())).containsExactly(0, 1, null);
    assertThat(axes(found.outputs())).containsExactly(0, 1);
  }

  @Test
  void prefersASymbolThatSaysBatchOverOneThatOnlyLeads() {
    Signature found =
        detect(
            List.of(tensor("x", "steps", "batch", 8), tensor("h", "batch", "steps")),
            List.of(tensor("y", "steps", "batch")));

    assertThat(axes(found.inputs())).containsExactly(1, 0);
    assertThat(axes(found.outputs())).containsExactly(1);
  }

  @Test
  void neverJoinsAlongTheSequenceOfAFixedBatch() {
    Signature found =
        detect(List.of(tensor("ids", 1, "tokens")), List.of(tensor("hidden", 1, "tokens", 8)));

    assertThat(axes(found.inputs())).containsExactly((Integer) null);
    assertThat(found.batchable()).isFalse();
  }

  @Test
  void neverJoinsAlongALeadingSequence() {
    assertThat(
            BatchAxes.batchSymbol(
                new Signature(
                    List.of(tensor("x", "seq_length", 8)), List.of(tensor("y", "seq_length", 8)))))
        .isEmpty();
  }

  @Test
  void findsNoneWhenAnOutputLacksTheSymbol() {
    Signature found =
        detect(List.of(tensor("x", "N", 4)), List.of(tensor("y", "N", 4), tensor("loss")));

    assertThat(axes(found.inputs())).containsExactly((Integer) null);
    assertThat(axes(found.outputs())).containsExactly(null, null);
  }

  @Test
  void findsNoneWhenTheSymbolStandsTwiceInOneTensor() {
    assertThat(
            BatchAxes.batchSymbol(
                new Signature(List.of(tensor("x", "N", "N")), List.of(tensor("y", "N")))))
        .isEmpty();
  }

  @Test
  void neverTakesUnnamedDimensionsToBeEqual() {
    assertThat(
            BatchAxes.batchSymbol(
                new Signature(List.of(tensor("x", -1, 4)), List.of(tensor("y", -1, 4)))))
        .isEmpty();
  }

  @Test
  void ignoresAxesThatTheArgumentCarries() {
    var input = new TensorSignature("x", DataType.FP32, List.of(Dimension.fixed(1)), 0);

    assertThat(axes(BatchAxes.detect(new Signature(List.of(input), List.of(input))).inputs()))
        .containsExactly((Integer) null);
  }

  private static Signature detect(List<TensorSignature> inputs, List<TensorSignature> outputs) {
    return BatchAxes.detect(new Signature(inputs, outputs));
  }

  private static List<Integer> axes(List<TensorSignature> tensors) {
    return tensors.stream().map(TensorSignature::batchAxis).toList();
  }

  private static TensorSignature tensor(String name, Object... dimensions) {
    return new TensorSignature(
        name, DataType.FP32, Arrays.stream(dimensions).map(Dimension::fromWire).toList(), null);
  }
}
