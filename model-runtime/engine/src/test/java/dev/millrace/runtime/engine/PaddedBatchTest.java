package dev.millrace.runtime.engine;

import static dev.millrace.runtime.engine.TestModels.floats;
import static dev.millrace.runtime.engine.TestModels.load;
import static dev.millrace.runtime.engine.TestModels.longs;
import static dev.millrace.runtime.engine.TestModels.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import dev.millrace.testkit.onnx.TinyModels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PaddedBatchTest {
  private final DirectMemoryPool pool = new DirectMemoryPool(1 << 20);

  @AfterEach
  void everyBlockIsGivenBack() {
    assertThat(pool.outstandingBytes()).isZero();
  }

  @Test
  void answersRequestsOfDifferentLengthAsIfEachWereAlone() throws Exception {
    try (OnnxModel model = load(TinyModels.gatherEmbedding(50, 3))) {
      PaddingPlan plan = PaddingPlan.of(model.signature(), Map.of("ids", 7L)).orElseThrow();
      InputCheck check = InputCheck.of(model.signature(), plan);
      var runner = new BatchRunner(model, pool, plan);
      var random = new Random(3);
      var requests = new ArrayList<ModelRequest>();
      for (int[] size : new int[][] {{1, 5}, {3, 2}, {1, 9}, {2, 9}, {1, 1}}) {
        long[] ids = random.longs((long) size[0] * size[1], 0, 50).toArray();
        requests.add(check.check(List.of(longs("ids", shape(size[0], size[1]), ids)), List.of()));
      }

      List<ModelResult> batch = runner.execute(requests);

      for (int i = 0; i < requests.size(); i++) {
        Tensor together = batch.get(i).outputs().get(0);
        ModelResult alone = runner.execute(List.of(requests.get(i))).get(0);
        assertThat(together.shape()).containsExactly(alone.outputs().get(0).shape());
        assertThat(floats(together)).containsExactly(floats(alone.outputs().get(0)));
        alone.close();
      }
      batch.forEach(ModelResult::close);
    }
  }

  @Test
  void padsAlongAnAxisBeforeTheBatch() throws Exception {
    byte[] onnx =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("timeFirst")
                    .input("x", DataType.FP32, "time", "N", "2")
                    .input("bias", DataType.FP32, "N", "2")
                    .output("y", DataType.FP32, "time", "N", "2")
                    .node("Add", List.of("x", "bias"), "y"));
    try (OnnxModel model = load(onnx)) {
      PaddingPlan plan = PaddingPlan.of(model.signature(), Map.of("x", 0L)).orElseThrow();
      InputCheck check = InputCheck.of(model.signature(), plan);
      Tensor bias = floats("bias", shape(1, 2), 100, 200);
      var one = check.check(List.of(floats("x", shape(1, 1, 2), 1, 2), bias), List.of());
      var two =
          check.check(List.of(floats("x", shape(3, 1, 2), 3, 4, 5, 6, 7, 8), bias), List.of());

      List<ModelResult> results = new BatchRunner(model, pool, plan).execute(List.of(one, two));

      assertThat(one.familyKey()).isEqualTo(two.familyKey());
      assertThat(results.get(0).outputs().get(0).shape()).containsExactly(1, 1, 2);
      assertThat(floats(results.get(0).outputs().get(0))).containsExactly(101, 202);
      assertThat(floats(results.get(1).outputs().get(0)))
          .containsExactly(103, 204, 105, 206, 107, 208);
      results.forEach(ModelResult::close);
    }
  }

  @Test
  void tellsTheSchedulerWhatMayBeJoined() throws Exception {
    try (OnnxModel model = load(TinyModels.gatherEmbedding(50, 3))) {
      PaddingPlan plan = PaddingPlan.of(model.signature(), Map.of("ids", 0L)).orElseThrow();
      InputCheck padded = InputCheck.of(model.signature(), plan);
      InputCheck equal = InputCheck.of(model.signature());
      List<Tensor> two = List.of(longs("ids", shape(1, 2), 1, 2));
      List<Tensor> three = List.of(longs("ids", shape(1, 3), 1, 2, 3));

      ModelRequest shorter = padded.check(two, List.of());
      ModelRequest longer = padded.check(three, List.of());

      assertThat(shorter.familyKey()).isEqualTo(longer.familyKey());
      assertThat(shorter.shapeKey()).isNotEqualTo(longer.shapeKey());
      assertThat(shorter.shapeKey()).isEqualTo(padded.check(two, List.of()).shapeKey());
      assertThat(List.of(shorter.length(), longer.length())).containsExactly(2, 3);
      ModelRequest unpadded = equal.check(two, List.of());
      assertThat(unpadded.familyKey()).isEqualTo(unpadded.shapeKey());
      assertThat(unpadded.familyKey()).isNotEqualTo(equal.check(three, List.of()).familyKey());
      assertThat(unpadded.length()).isOne();
    }
  }

  @Test
  void keepsEmptyRequestsToThemselves() throws Exception {
    try (OnnxModel model = load(TinyModels.gatherEmbedding(50, 3))) {
      PaddingPlan plan = PaddingPlan.of(model.signature(), Map.of("ids", 0L)).orElseThrow();
      InputCheck check = InputCheck.of(model.signature(), plan);

      ModelRequest none = check.check(List.of(longs("ids", shape(1, 0))), List.of());
      ModelRequest one = check.check(List.of(longs("ids", shape(1, 1), 4)), List.of());

      assertThat(none.familyKey()).isNotEqualTo(one.familyKey());
      assertThat(none.length()).isOne();
    }
  }

  @Test
  void refusesDifferentLengthsWithoutAPlan() throws Exception {
    try (OnnxModel model = load(TinyModels.gatherEmbedding(50, 3))) {
      PaddingPlan plan = PaddingPlan.of(model.signature(), Map.of("ids", 0L)).orElseThrow();
      InputCheck check = InputCheck.of(model.signature(), plan);
      ModelRequest two = check.check(List.of(longs("ids", shape(1, 2), 1, 2)), List.of());
      ModelRequest one = check.check(List.of(longs("ids", shape(1, 1), 4)), List.of());

      assertThatIllegalArgumentException()
          .isThrownBy(() -> new BatchRunner(model, pool).execute(List.of(two, one)))
          .withMessageContaining("different length");
    }
  }
}
