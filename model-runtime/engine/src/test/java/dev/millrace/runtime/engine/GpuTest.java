package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.runtime.engine.Device.Provider;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What needs an NVIDIA GPU and a build with the profile {@code gpu}. */
@Tag("gpu")
class GpuTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      value = Provider.class,
      names = {"CUDA", "TENSORRT"})
  void answersAsTheProcessorDoes(Provider provider) throws Exception {
    assumeBuilt(provider);
    Path file = Files.write(folder.resolve("model.onnx"), TinyModels.linear(4, 3));
    var settings = SessionSettings.of(Map.of("device", provider.name()));

    try (var instances = ModelInstances.load(TestModels.ENGINE, file, settings, null)) {
      assertThat(answer(instances)).containsExactly(30, 61, 92);
    }
  }

  /** Upstream reports memory that grows with every new shape; this holds our way around it. */
  @Test
  void memoryDoesNotGrowWithShapes() throws Exception {
    assumeBuilt(Provider.CUDA);
    Path file = Files.write(folder.resolve("model.onnx"), TinyModels.linear(4, 3));
    var settings = SessionSettings.of(Map.of("device", "cuda", "device_memory_limit", "256MiB"));
    try (var instances = ModelInstances.load(TestModels.ENGINE, file, settings, null)) {
      var runners = instances.runners(null);
      InputCheck check = InputCheck.of(instances.signature());
      for (int i = 0; i < 20_000; i++) {
        int rows = 1 + i % 512;
        var x = TestModels.floats("x", TestModels.shape(rows, 4), new float[rows * 4]);
        runners.execute(List.of(check.check(List.of(x), List.of())), null).get(0).close();
      }
      assertThat(answer(instances)).containsExactly(30, 61, 92);
    }
  }

  private static float[] answer(ModelInstances instances) throws Exception {
    InputCheck check = InputCheck.of(instances.signature());
    var x = TestModels.floats("x", TestModels.shape(1, 4), 1, 2, 3, 4);
    try (ModelResult result =
        instances.runners(null).execute(List.of(check.check(List.of(x), List.of())), null).get(0)) {
      return TestModels.floats(result.outputs().get(0));
    }
  }

  private static void assumeBuilt(Provider provider) {
    assumeTrue(
        ExecutionProviders.built(provider),
        "needs an NVIDIA GPU and a build with -Pgpu: ONNX Runtime here has no " + provider);
  }
}
