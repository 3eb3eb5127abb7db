package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.testkit.bundle.MiniLmFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What padding does to the answers of a real model. */
class MiniLmPaddingTest {
  private static final int[] LENGTHS = {5, 128, 17, 40, 8, 64, 9, 33};

  @TempDir Path folder;

  @Test
  void paddedAnswersAreTheAnswersOfEachRequestAlone() throws Exception {
    double difference = largestDifference(MiniLmFiles.onnx(), LENGTHS);

    assertThat(difference).isLessThan(1e-5);
  }

  @Test
  void theInt8TwinAnswersOtherwiseInABatch() throws Exception {
    // Equal lengths: nothing is padded, and still the answers depend on the company.
    double difference = largestDifference(MiniLmFiles.int8(), new int[] {16, 16, 16, 16});

    assertThat(difference).isGreaterThan(1e-3);
  }

  private double largestDifference(byte[] onnx, int[] lengths) throws Exception {
    var pool = new DirectMemoryPool(16 << 20);
    Path file = Files.write(folder.resolve("model.onnx"), onnx);
    try (OnnxModel model = TestModels.ENGINE.load(file, SessionSettings.DEFAULT)) {
      PaddingPlan plan = PaddingPlan.of(model.signature(), null).orElseThrow();
      InputCheck check = InputCheck.of(model.signature(), plan);
      var runner = new BatchRunner(model, pool, plan);
      var random = new Random(11);
      var requests = new ArrayList<ModelRequest>();
      for (int length : lengths) {
        requests.add(
            check.check(MiniLmFiles.inputs(MiniLmFiles.sentence(random, length)), List.of()));
      }

      List<ModelResult> batch = runner.execute(requests);
      double largest = 0;
      for (int i = 0; i < lengths.length; i++) {
        try (ModelResult together = batch.get(i);
            ModelResult alone = runner.execute(List.of(requests.get(i))).get(0)) {
          for (int output = 0; output < alone.outputs().size(); output++) {
            largest =
                Math.max(
                    largest,
                    difference(together.outputs().get(output), alone.outputs().get(output)));
          }
        }
      }
      assertThat(pool.outstandingBytes()).isZero();
      return largest;
    }
  }

  private static double difference(Tensor one, Tensor other) {
    assertThat(one.shape()).containsExactly(other.shape());
    float[] left = TestModels.floats(one);
    float[] right = TestModels.floats(other);
    double largest = 0;
    for (int i = 0; i < left.length; i++) {
      largest = Math.max(largest, Math.abs(left[i] - right[i]));
    }
    return largest;
  }
}
