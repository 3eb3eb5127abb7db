package dev.millrace.runtime.engine;

import static dev.millrace.runtime.engine.TestModels.bytes;
import static dev.millrace.runtime.engine.TestModels.directFloats;
import static dev.millrace.runtime.engine.TestModels.floats;
import static dev.millrace.runtime.engine.TestModels.load;
import static dev.millrace.runtime.engine.TestModels.longs;
import static dev.millrace.runtime.engine.TestModels.request;
import static dev.millrace.runtime.engine.TestModels.shape;
import static dev.millrace.runtime.engine.TestModels.strings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import dev.millrace.testkit.onnx.OnnxNode;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchRunnerTest {
  private final DirectMemoryPool pool = new DirectMemoryPool(1 << 20);

  @AfterEach
  void everyBlockIsGivenBack() {
    assertThat(pool.outstandingBytes()).isZero();
  }

  @Test
  void aBatchAnswersEachRequestAsIfItWereAlone() throws Exception {
    try (OnnxModel model = load(TinyModels.linear(4, 3))) {
      var runner = new BatchRunner(model, pool);
      var random = new Random(7);
      var requests = new ArrayList<ModelRequest>();
      for (int rows : new int[] {1, 3, 2, 1}) {
        var values = new float[rows * 4];
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextInt(10);
        }
        requests.add(request(model.signature(), floats("x", shape(rows, 4), values)));
      }

      List<ModelResult> batch = runner.execute(requests);

      for (int i = 0; i < requests.size(); i++) {
        Tensor together = batch.get(i).outputs().get(0);
        ModelResult solo = runner.execute(List.of(requests.get(i))).get(0);
        assertThat(together.shape()).containsExactly(requests.get(i).rows(), 3);
        assertThat(floats(together)).containsExactly(floats(solo.outputs().get(0)));
        float[] firstRow = new float[4];
        requests.get(i).inputs().get(0).data().asFloatBuffer().get(firstRow);
        assertThat(floats(together)).startsWith(TinyModels.linearRow(firstRow, 3));
        solo.close();
      }
      batch.forEach(ModelResult::close);
    }
  }

  @Test
  void aBadRowFailsItsBatchAsInvalidInput() throws Exception {
    try (OnnxModel model = load(TinyModels.gatherEmbedding(10, 2))) {
      var runner = new BatchRunner(model, pool);
      ModelRequest good = request(model.signature(), longs("ids", shape(1, 2), 1, 2));
      ModelRequest bad = request(model.signature(), longs("ids", shape(1, 2), 1, 99));

      var failure =
          catchThrowableOfType(
              ModelExecutionException.class, () -> runner.execute(List.of(good, bad)));

      assertThat(failure.kind()).isEqualTo(ModelExecutionException.Kind.INVALID_INPUT);
      assertThat(failure).hasMessageContaining("99").hasMessageNotContaining("/");
      assertThat(failure.toMillraceException().details()).containsEntry("stage", "execution");
      try (ModelResult result = runner.execute(List.of(good)).get(0)) {
        assertThat(floats(result.outputs().get(0))).containsExactly(2, 3, 4, 5);
      }
    }
  }

  @Test
  void joinsAndCutsAlongAnAxisThatIsNotTheFirst() throws Exception {
    byte[] onnx =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("state")
                    .input("x", DataType.FP32, "N", "1")
                    .input("state", DataType.FP32, "2", "N", "3")
                    .output("sum", DataType.FP32, "2", "N", "3")
                    .node("Add", List.of("state", "x"), "sum"));
    try (OnnxModel model = load(onnx)) {
      var runner = new BatchRunner(model, pool);
      assertThat(model.signature().outputs().get(0).batchAxis()).isEqualTo(1);
      ModelRequest one =
          request(
              model.signature(),
              floats("x", shape(1, 1), 100),
              floats("state", shape(2, 1, 3), 0, 1, 2, 3, 4, 5));
      ModelRequest two =
          request(
              model.signature(),
              floats("x", shape(2, 1), 200, 300),
              floats("state", shape(2, 2, 3), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));

      List<ModelResult> results = runner.execute(List.of(one, two));

      assertThat(floats(results.get(0).outputs().get(0)))
          .containsExactly(100, 101, 102, 103, 104, 105);
      assertThat(results.get(1).outputs().get(0).shape()).containsExactly(2, 2, 3);
      assertThat(floats(results.get(1).outputs().get(0)))
          .containsExactly(200, 201, 202, 303, 304, 305, 206, 207, 208, 309, 310, 311);
      results.forEach(ModelResult::close);
    }
  }

  @Test
  void sharesAScalarAndKeepsOtherScalarsApart() throws Exception {
    try (OnnxModel model = load(TinyModels.scalarInput())) {
      var runner = new BatchRunner(model, pool);
      Tensor x = floats("x", shape(1, 4), 1, 2, 3, 4);
      ModelRequest twice = request(model.signature(), x, floats("scale", shape(), 2));
      ModelRequest alsoTwice = request(model.signature(), floats("scale", shape(), 2), x);
      ModelRequest thrice = request(model.signature(), x, floats("scale", shape(), 3));

      assertThat(twice.shapeKey()).isEqualTo(alsoTwice.shapeKey());
      assertThat(twice.shapeKey()).isNotEqualTo(thrice.shapeKey());
      List<ModelResult> results = runner.execute(List.of(twice, alsoTwice));

      assertThat(floats(results.get(1).outputs().get(0))).containsExactly(2, 4, 6, 8);
      results.forEach(ModelResult::close);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"UINT16", "UINT32", "UINT64", "BYTES"},
      mode = EnumSource.Mode.EXCLUDE)
  void carriesEveryFixedSizeDatatypeUnchanged(DataType type) throws Exception {
    try (OnnxModel model = load(TinyModels.identity(type))) {
      var runner = new BatchRunner(model, pool);
      Tensor first = tensor(type, 1);
      Tensor second = tensor(type, 5);

      List<ModelResult> results =
          runner.execute(
              List.of(request(model.signature(), first), request(model.signature(), second)));
      ModelResult solo = runner.execute(List.of(request(model.signature(), second))).get(0);

      assertThat(bytes(results.get(0).outputs().get(0))).isEqualTo(bytes(first));
      assertThat(bytes(results.get(1).outputs().get(0))).isEqualTo(bytes(second));
      assertThat(bytes(solo.outputs().get(0))).isEqualTo(bytes(second));
      assertThat(bytes(model.run(List.of(first), List.of("y")).get(0))).isEqualTo(bytes(first));
      results.forEach(ModelResult::close);
      solo.close();
    }
  }

  @Test
  void carriesStringsUnchanged() throws Exception {
    try (OnnxModel model = load(TinyModels.identity(DataType.BYTES))) {
      var runner = new BatchRunner(model, pool);
      Tensor first = strings("x", shape(1, 4), "", "häßlich", "日本", "emoji 🎉 and \u0000 zero");
      Tensor second = strings("x", shape(2, 4), "a", "b", "c", "d", "e", "f", "g", "h");

      List<ModelResult> results =
          runner.execute(
              List.of(request(model.signature(), first), request(model.signature(), second)));

      assertThat(TensorBytes.strings(results.get(0).outputs().get(0)))
          .containsExactly(TensorBytes.strings(first));
      assertThat(results.get(1).outputs().get(0).shape()).containsExactly(2, 4);
      assertThat(bytes(results.get(1).outputs().get(0))).isEqualTo(bytes(second));
      results.forEach(ModelResult::close);
    }
  }

  @Test
  void answersScalars() throws Exception {
    byte[] onnx =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("sum")
                    .input("x", DataType.FP32, "3")
                    .output("total", DataType.FP32)
                    .node(
                        OnnxNode.of("ReduceSum", List.of("x"), List.of("total"))
                            .attribute("keepdims", 0)));
    try (OnnxModel model = load(onnx)) {
      ModelRequest request = request(model.signature(), floats("x", shape(3), 1, 2, 4));
      try (ModelResult result = new BatchRunner(model, pool).execute(List.of(request)).get(0)) {
        assertThat(result.outputs().get(0).shape()).isEmpty();
        assertThat(floats(result.outputs().get(0))).containsExactly(7);
      }
    }
  }

  @Test
  void copiesOutputsThatDoNotKeepToTheSignature() throws Exception {
    byte[] onnx =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("liar")
                    .input("x", DataType.FP32, "batch", "n")
                    .output("y", DataType.FP32, "batch", "n")
                    .node(
                        OnnxNode.of("Concat", List.of("x", "x"), List.of("y"))
                            .attribute("axis", 1)));
    try (OnnxModel model = load(onnx)) {
      var runner = new BatchRunner(model, pool);
      ModelRequest request = request(model.signature(), floats("x", shape(1, 2), 1, 2));
      for (int i = 0; i < 2; i++) {
        List<ModelResult> results = runner.execute(List.of(request, request));
        assertThat(results.get(1).outputs().get(0).shape()).containsExactly(1, 4);
        assertThat(floats(results.get(1).outputs().get(0))).containsExactly(1, 2, 1, 2);
        results.forEach(ModelResult::close);
      }
    }
  }

  @Test
  void refusesABatchThatDoesNotComeBackAsOne() throws Exception {
    byte[] onnx =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("reduce")
                    .input("x", DataType.FP32, "batch", "2")
                    .output("y", DataType.FP32, "batch", "2")
                    .node(
                        OnnxNode.of("Concat", List.of("x", "x"), List.of("y"))
                            .attribute("axis", 0)));
    try (OnnxModel model = load(onnx)) {
      var runner = new BatchRunner(model, pool);
      ModelRequest request = request(model.signature(), floats("x", shape(1, 2), 1, 2));

      var failure =
          catchThrowableOfType(
              ModelExecutionException.class, () -> runner.execute(List.of(request, request)));

      assertThat(failure).hasMessageContaining("output 'y' has the shape [4, 2] for a batch of 2");
      try (ModelResult solo = runner.execute(List.of(request)).get(0)) {
        assertThat(solo.outputs().get(0).shape()).containsExactly(2, 2);
      }
    }
  }

  @Test
  void takesDirectHeapAndUnalignedBuffersAlike() throws Exception {
    try (OnnxModel model = load(TinyModels.linear(4, 3))) {
      var runner = new BatchRunner(model, pool);
      float[] row = {1, 2, 3, 4};
      Tensor heap = floats("x", shape(1, 4), row);
      Tensor direct = directFloats("x", shape(1, 4), row);
      ByteBuffer shifted = ByteBuffer.allocateDirect(19);
      shifted.position(3).mark();
      shifted.put(heap.data()).reset();
      var unaligned = new Tensor("x", DataType.FP32, shape(1, 4), shifted);

      for (Tensor x : List.of(heap, direct, unaligned)) {
        ModelRequest request = request(model.signature(), x);
        try (ModelResult result = runner.execute(List.of(request)).get(0)) {
          assertThat(floats(result.outputs().get(0))).containsExactly(TinyModels.linearRow(row, 3));
        }
      }
    }
  }

  @Test
  void computesOnlyTheOutputsAskedFor() throws Exception {
    byte[] onnx =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("two")
                    .input("x", DataType.FP32, "batch", "1")
                    .output("same", DataType.FP32, "batch", "1")
                    .output("double", DataType.FP32, "batch", "1")
                    .node("Identity", List.of("x"), "same")
                    .node("Add", List.of("x", "x"), "double"));
    try (OnnxModel model = load(onnx)) {
      InputCheck check = InputCheck.of(model.signature());
      List<Tensor> x = List.of(floats("x", shape(1, 1), 5));
      ModelRequest one = check.check(x, List.of("double"));
      ModelRequest both = check.check(x, List.of("double", "same"));

      List<ModelResult> results = new BatchRunner(model, pool).execute(List.of(one, both));

      assertThat(results.get(0).outputs()).extracting(Tensor::name).containsExactly("double");
      assertThat(results.get(1).outputs())
          .extracting(Tensor::name)
          .containsExactly("double", "same");
      assertThat(floats(results.get(1).outputs().get(1))).containsExactly(5);
      results.forEach(ModelResult::close);
    }
  }

  private static Tensor tensor(DataType type, int seed) {
    ByteBuffer data = ByteBuffer.allocate(4 * type.byteSize());
    for (int i = 0; i < data.capacity(); i++) {
      data.put(i, (byte) (type == DataType.BOOL ? (i + seed) % 2 : i * seed));
    }
    return new Tensor("x", type, shape(1, 4), data);
  }
}
