package dev.millrace.runtime.server.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A signature like those of speech detectors: the batch is the second axis of the state. */
class StatePlanTest {
  private static final Dimension BATCH = Dimension.symbolic("N");
  private static final Signature SIGNATURE =
      new Signature(
          List.of(
              new TensorSignature("input", DataType.FP32, List.of(BATCH, Dimension.fixed(3)), 0),
              state("state"),
              new TensorSignature("sr", DataType.INT64, List.of(), null),
              new TensorSignature(
                  "past", DataType.FP32, List.of(BATCH, Dimension.free(), Dimension.fixed(2)), 0)),
          List.of(
              new TensorSignature("output", DataType.FP32, List.of(BATCH, Dimension.fixed(1)), 0),
              state("stateN"),
              new TensorSignature(
                  "present",
                  DataType.FP32,
                  List.of(BATCH, Dimension.free(), Dimension.fixed(2)),
                  0)));
  private static final StatePlan PLAN =
      StatePlan.of(SIGNATURE, Map.of("state", "stateN", "past", "present")).orElseThrow();

  private static TensorSignature state(String name) {
    return new TensorSignature(
        name, DataType.FP32, List.of(Dimension.fixed(2), BATCH, Dimension.fixed(128)), 1);
  }

  private static InferRequest request(List<Tensor> more, String... outputs) {
    var inputs = new ArrayList<Tensor>();
    inputs.add(Tensors.float32("input", new float[6], 2, 3));
    inputs.addAll(more);
    return new InferRequest(
        "vad",
        "",
        "",
        Map.of(),
        inputs,
        List.of(outputs).stream().map(name -> new RequestedOutput(name, Map.of())).toList());
  }

  private static Tensor input(InferRequest request, String name) {
    return request.inputs().stream()
        .filter(tensor -> tensor.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSequenceBeginsWithZerosForAsManyRowsAsTheRequestHas() {
    var whole = PLAN.complete(request(List.of()), List.of());
    assertThat(input(whole, "state").shape()).containsExactly(2, 2, 128);
    assertThat(Tensors.floatArray(input(whole, "state"))).containsOnly(0);
    assertThat(input(whole, "past").shape()).containsExactly(2, 0, 2);
    assertThat(whole.outputs())
        .extracting(RequestedOutput::name)
        .containsExactly("output", "present", "stateN");
    assertThat(PLAN.visibleCount(request(List.of()))).isOne();
  }

  @Test
  void whatTheRequestBringsGoesBeforeWhatIsKept() {
    var own = Tensors.float32("state", new float[512], 2, 2, 128);
    var kept =
        List.of(
            Tensors.float32("past", new float[] {1, 2, 3, 4}, 2, 1, 2),
            Tensors.float32("state", new float[512], 2, 2, 128));
    var whole = PLAN.complete(request(List.of(own), "stateN"), kept);
    assertThat(input(whole, "state")).isSameAs(own);
    assertThat(input(whole, "past")).isSameAs(kept.getFirst());
    assertThat(whole.outputs())
        .extracting(RequestedOutput::name)
        .containsExactly("stateN", "present");
    assertThat(PLAN.visibleCount(request(List.of(), "stateN"))).isOne();
  }

  @Test
  void whatIsKeptIsACopyUnderTheNameOfItsInput() {
    var present = Tensors.float32("present", new float[] {1, 2}, 1, 1, 2);
    var next =
        PLAN.next(
            List.of(
                Tensors.float32("output", new float[1], 1, 1),
                present,
                Tensors.float32("stateN", new float[256], 2, 1, 128)));
    assertThat(next).extracting(Tensor::name).containsExactly("past", "state");
    present.data().putFloat(0, 9);
    assertThat(Tensors.floatArray(next.getFirst())).containsExactly(1, 2);
  }

  @Test
  void aStateOfAbsurdSizeIsRefused() {
    var rows = Tensors.float32("input", new float[3 * 70_000], 70_000, 3);
    var request = new InferRequest("vad", "", "", Map.of(), List.of(rows), List.of());
    assertThatThrownBy(() -> PLAN.complete(request, List.of())).hasMessageContaining("'state'");
  }

  @Test
  void aVersionWithoutStatesHasNoPlan() {
    assertThat(StatePlan.of(SIGNATURE, Map.of())).isEmpty();
  }

  @Test
  void sizesWithoutANameFollowTheRowsOfTheRequestOnce() {
    var nameless =
        plan(
            List.of(Dimension.free(), Dimension.free()),
            List.of(Dimension.fixed(2), Dimension.free(), Dimension.free()));

    var whole = nameless.complete(request(List.of()), List.of());

    assertThat(input(whole, "state").shape()).containsExactly(2, 2, 0);
  }

  @Test
  void aFixedNumberOfRowsLeavesTheFreeSizeOfAStateEmpty() {
    var fixed =
        plan(
            List.of(Dimension.fixed(2), Dimension.fixed(3)),
            List.of(Dimension.fixed(2), Dimension.free()));

    var whole = fixed.complete(request(List.of()), List.of());

    assertThat(input(whole, "state").shape()).containsExactly(2, 0);
  }

  private static StatePlan plan(List<Dimension> input, List<Dimension> state) {
    var signature =
        new Signature(
            List.of(
                new TensorSignature("input", DataType.FP32, input, null),
                new TensorSignature("state", DataType.FP32, state, null)),
            List.of(new TensorSignature("stateN", DataType.FP32, state, null)));
    return StatePlan.of(signature, Map.of("state", "stateN")).orElseThrow();
  }
}
