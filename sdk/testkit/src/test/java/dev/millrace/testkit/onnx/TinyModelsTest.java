package dev.millrace.testkit.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.protocol.tensor.DataType;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every ready model is loaded by ONNX Runtime and answers what its Javadoc says. */
class TinyModelsTest {
  private static final OrtEnvironment ORT = OrtEnvironment.getEnvironment();

  private static OnnxTensor floats(float[] values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(ORT, FloatBuffer.wrap(values), shape);
  }

  private static float[] run(byte[] model, Map<String, OnnxTensor> inputs) throws OrtException {
    try (OrtSession session = ORT.createSession(model);
        OrtSession.Result result = session.run(inputs)) {
      FloatBuffer y = ((OnnxTensor) result.get("y").orElseThrow()).getFloatBuffer();
      var values = new float[y.remaining()];
      y.get(values);
      return values;
    }
  }

  @ParameterizedTest
  @EnumSource
  void identityLoadsForEveryDatatype(DataType type) throws OrtException {
    try (OrtSession session = ORT.createSession(TinyModels.identity(type))) {
      assertThat(session.getInputNames()).containsExactly("x");
      assertThat(session.getOutputNames()).containsExactly("y");
    }
  }

  @Test
  void identityDeclaresItsDatatypeAndSymbolicBatch() throws OrtException {
    try (OrtSession session = ORT.createSession(TinyModels.identity(DataType.INT64))) {
      var info = (ai.onnxruntime.TensorInfo) session.getInputInfo().get("x").getInfo();
      assertThat(info.type).isEqualTo(OnnxJavaType.INT64);
      assertThat(info.getShape()).containsExactly(-1, 4);
      assertThat(info.getDimensionNames()).containsExactly("batch", "");
    }
  }

  @Test
  void linearComputesTheFormula() throws OrtException {
    float[] rows = {1, 2, 3, 4, 0.5f, 0, -1, 2};
    float[] y = run(TinyModels.linear(4, 3), Map.of("x", floats(rows, 2, 4)));
    assertThat(y).startsWith(30, 61, 92);
    float[] second = TinyModels.linearRow(new float[] {0.5f, 0, -1, 2}, 3);
    assertThat(y).endsWith(second);
  }

  @Test
  void fixedBatchTakesOneRowOnly() throws OrtException {
    assertThat(run(TinyModels.fixedBatch(), Map.of("x", floats(new float[] {1, 2, 3, 4}, 1, 4))))
        .containsExactly(30, 61, 92);
    assertThatThrownBy(() -> run(TinyModels.fixedBatch(), Map.of("x", floats(new float[8], 2, 4))))
        .isInstanceOf(OrtException.class);
  }

  @Test
  void slowReturnsItsInputAndTakesLongerWithMoreIterations() throws OrtException {
    float[] x = {1, -2, 3, 4};
    long start = System.nanoTime();
    assertThat(run(TinyModels.slow(10), Map.of("x", floats(x, 1, 4)))).containsExactly(x);
    long few = System.nanoTime() - start;
    start = System.nanoTime();
    assertThat(run(TinyModels.slow(200_000), Map.of("x", floats(x, 1, 4)))).containsExactly(x);
    assertThat(System.nanoTime() - start).isGreaterThan(few);
  }

  @Test
  void slowOnDemandTakesAsManyStepsMoreAsItIsAsked() throws OrtException {
    byte[] model = TinyModels.slowOnDemand(10);
    float[] few = {1, -2, 3, 0.5f};
    long start = System.nanoTime();
    assertThat(run(model, Map.of("x", floats(few, 1, 4)))).containsExactly(few);
    long quick = System.nanoTime() - start;
    float[] many = {200_000, 2, 3, 4};
    start = System.nanoTime();
    assertThat(run(model, Map.of("x", floats(many, 1, 4)))).containsExactly(many);
    assertThat(System.nanoTime() - start).isGreaterThan(quick);
  }

  @Test
  void memoryOnDemandFailsWhenItIsAskedForTooMuch() throws OrtException {
    byte[] model = TinyModels.memoryOnDemand();
    float[] little = {1, -2, 3, 4, 0, 0, 0, 1_000};
    assertThat(run(model, Map.of("x", floats(little, 2, 4)))).containsExactly(little);
    assertThatThrownBy(() -> run(model, Map.of("x", floats(new float[] {1e18f, 0, 0, 0}, 1, 4))))
        .isInstanceOfSatisfying(
            OrtException.class,
            failure ->
                assertThat(failure.getCode())
                    .isNotEqualTo(OrtException.OrtErrorCode.ORT_INVALID_ARGUMENT));
  }

  @Test
  void bigOutputRepeatsItsInput() throws OrtException {
    byte[] model = TinyModels.bigOutput(100_000);
    assertThat(model).hasSizeLessThan(500);
    float[] y = run(model, Map.of("x", floats(new float[] {7, 8}, 2, 1)));
    assertThat(y).hasSize(200_000).startsWith(7).endsWith(8);
  }

  @Test
  void scalarInputScales() throws OrtException {
    var inputs =
        Map.of("x", floats(new float[] {1, 2, 3, 4}, 1, 4), "scale", floats(new float[] {3}));
    assertThat(run(TinyModels.scalarInput(), inputs)).containsExactly(3, 6, 9, 12);
  }

  @Test
  void gatherEmbeddingFailsOnAnIdOutOfRange() throws OrtException {
    byte[] model = TinyModels.gatherEmbedding(10, 2);
    assertThat(run(model, Map.of("ids", ids(3, 0)))).containsExactly(6, 7, 0, 1);
    assertThatThrownBy(() -> run(model, Map.of("ids", ids(3, 10))))
        .isInstanceOf(OrtException.class)
        .hasMessageContaining("out of");
  }

  private static OnnxTensor ids(long... ids) throws OrtException {
    return OnnxTensor.createTensor(ORT, LongBuffer.wrap(ids), new long[] {1, ids.length});
  }

  @Test
  void brokenGraphDoesNotLoad() {
    assertThatThrownBy(() -> ORT.createSession(TinyModels.brokenGraph()))
        .isInstanceOf(OrtException.class)
        .hasMessageContaining("NoSuchOperator");
    assertThatThrownBy(() -> ORT.createSession(TinyModels.notOnnx()))
        .isInstanceOf(OrtException.class);
  }
}
