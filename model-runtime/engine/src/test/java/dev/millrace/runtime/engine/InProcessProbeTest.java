package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.runtime.engine.AdmissionProbe.Verdict;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import dev.millrace.testkit.onnx.OnnxNode;
import dev.millrace.testkit.onnx.OnnxTensorData;
import dev.millrace.testkit.onnx.TinyModels;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InProcessProbeTest {
  private final AdmissionProbe probe = new InProcessProbe(TestModels.ENGINE);

  @Test
  void admitsWhatLoadsAndRuns() {
    Verdict verdict = probe(TinyModels.gatherEmbedding(3, 2));

    assertThat(verdict).isInstanceOf(Verdict.Admitted.class);
    var admitted = (Verdict.Admitted) verdict;
    assertThat(admitted.signature().input("ids")).isPresent();
    assertThat(admitted.loadTime()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void admitsEveryDatatype(DataType type) {
    assertThat(probe(TinyModels.identity(type))).isInstanceOf(Verdict.Admitted.class);
  }

  @Test
  void rejectsWhatDoesNotLoadWithTheReason() {
    assertThat(probe(TinyModels.brokenGraph()))
        .isInstanceOfSatisfying(
            Verdict.Rejected.class,
            rejected -> assertThat(rejected.reason()).contains("NoSuchOperator"));
    assertThat(probe(TinyModels.notOnnx())).isInstanceOf(Verdict.Rejected.class);
  }

  @Test
  void triesSeveralSizesBeforeItRejects() {
    assertThat(probe(rowsTimes("16"))).isInstanceOf(Verdict.Admitted.class);
    assertThat(probe(rowsTimes("17")))
        .isInstanceOfSatisfying(
            Verdict.Rejected.class,
            rejected -> assertThat(rejected.reason()).contains("fails on a sample"));
  }

  @Test
  void admitsOnLoadingAloneWhenASampleWouldBeHuge() {
    byte[] onnx =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("huge")
                    .input("x", DataType.FP32, "batch", "100000000")
                    .output("y", DataType.FP32, "batch", "100000000")
                    .node("Identity", List.of("x"), "y"));

    assertThat(probe(onnx)).isInstanceOf(Verdict.Admitted.class);
  }

  @Test
  void masksAreOnesAndTheRestZeros() throws Exception {
    try (OnnxModel model = TestModels.load(TinyModels.scalarInput())) {
      var inputs = SyntheticInputs.of(model.signature(), 2, 9).orElseThrow();
      assertThat(inputs.get(0).shape()).containsExactly(2, 4);
      assertThat(inputs.get(1).shape()).isEmpty();
      assertThat(TestModels.floats(inputs.get(0))).containsOnly(0);
    }
    byte[] masked =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("masked")
                    .input("attention_mask", DataType.INT64, "batch", "n")
                    .output("y", DataType.INT64, "batch", "n")
                    .node("Identity", List.of("attention_mask"), "y"));
    try (OnnxModel model = TestModels.load(masked)) {
      var mask = SyntheticInputs.of(model.signature(), 1, 3).orElseThrow().get(0);
      assertThat(mask.shape()).containsExactly(1, 3);
      assertThat(mask.data().asLongBuffer().get(2)).isEqualTo(1);
    }
  }

  /** Only runs when the free dimension is exactly {@code size}. */
  private static byte[] rowsTimes(String size) {
    return new OnnxModelWriter()
        .write(
            new OnnxGraph("picky")
                .input("x", DataType.FP32, "1", "n")
                .output("y", DataType.FP32, "1", size)
                .constant(OnnxTensorData.longs("shape", new long[] {1, Long.parseLong(size)}, 2))
                .node(OnnxNode.of("Reshape", List.of("x", "shape"), List.of("y"))));
  }

  private Verdict probe(byte[] onnx) {
    return probe.probe(TestModels.write(onnx));
  }
}
