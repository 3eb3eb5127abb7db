package dev.millrace.runtime.engine;

import static dev.millrace.runtime.engine.TestModels.ENGINE;
import static dev.millrace.runtime.engine.TestModels.floats;
import static dev.millrace.runtime.engine.TestModels.load;
import static dev.millrace.runtime.engine.TestModels.shape;
import static dev.millrace.runtime.engine.TestModels.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OnnxEngineTest {
  @Test
  void readsTheSignatureFromTheSession() throws Exception {
    try (OnnxModel model = load(TinyModels.gatherEmbedding(5, 2))) {
      TensorSignature ids = model.signature().inputs().get(0);
      TensorSignature y = model.signature().outputs().get(0);

      assertThat(ids.datatype()).isEqualTo(DataType.INT64);
      assertThat(ids.shape()).extracting(Dimension::symbol).containsExactly("batch", "tokens");
      assertThat(ids.batchAxis()).isZero();
      assertThat(y.shape()).extracting(Dimension::size).containsExactly(-1L, -1L, 2L);
      assertThat(model.signature().batchable()).isTrue();
    }
  }

  @Test
  void readsUnsignedDatatypesThoughItCannotRunThem() throws Exception {
    try (OnnxModel model = load(TinyModels.identity(DataType.UINT32))) {
      assertThat(model.signature().inputs().get(0).datatype()).isEqualTo(DataType.UINT32);
    }
  }

  @Test
  void tellsWhyAModelCannotBeLoadedWithoutTellingWhereItLies() {
    assertThat(reason(TinyModels.brokenGraph()))
        .contains("NoSuchOperator")
        .doesNotContain("/")
        .doesNotContain("secret-folder-")
        .doesNotContain("Error code");
    assertThat(reason(TinyModels.notOnnx())).containsIgnoringCase("protobuf").doesNotContain("/");
    assertThat(reason(new byte[0])).isNotBlank().doesNotContain("/");
  }

  @Test
  void saysThatAFileIsMissing() {
    var failure =
        catchThrowableOfType(
            ModelLoadException.class,
            () -> ENGINE.load(Path.of("/no/such/model.onnx"), SessionSettings.DEFAULT));

    assertThat(failure.reason()).isEqualTo("the file model.onnx does not exist");
  }

  @Test
  void closingWaitsForARunningCall() throws Exception {
    OnnxModel model = load(TinyModels.slow(300_000));
    Tensor x = floats("x", shape(1, 4), 1, 2, 3, 4);
    var answer = new CompletableFuture<float[]>();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    answer.complete(floats(model.run(List.of(x), List.of("y")).get(0)));
                  } catch (ModelExecutionException | RuntimeException failure) {
                    answer.completeExceptionally(failure);
                  }
                });
    while (!isInsideOnnxRuntime(caller)) {
      Thread.onSpinWait();
    }
    assertThat(answer).isNotDone();

    model.close();
    model.close();

    assertThat(answer.get(60, TimeUnit.SECONDS)).containsExactly(1, 2, 3, 4);
    var late =
        catchThrowableOfType(
            ModelExecutionException.class, () -> model.run(List.of(x), List.of("y")));
    assertThat(late.kind()).isEqualTo(ModelExecutionException.Kind.CLOSED);
  }

  @Test
  void reportsARefusedInputAsInvalid() throws Exception {
    try (OnnxModel model = load(TinyModels.linear(4, 3))) {
      var failure =
          catchThrowableOfType(
              ModelExecutionException.class,
              () -> model.run(List.of(floats("x", shape(1, 3), 1, 2, 3)), List.of("y")));

      assertThat(failure.kind()).isEqualTo(ModelExecutionException.Kind.INVALID_INPUT);
      assertThat(failure).hasMessageContaining("x").hasMessageNotContaining("Error code");
    }
  }

  static boolean isInsideOnnxRuntime(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.isNativeMethod() && frame.getClassName().endsWith("OrtSession"));
  }

  private static String reason(byte[] onnx) {
    Path file = write(onnx);
    var failure =
        catchThrowableOfType(
            ModelLoadException.class, () -> ENGINE.load(file, SessionSettings.DEFAULT));
    return failure.reason();
  }
}
