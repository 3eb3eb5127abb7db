package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testkit.onnx.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelInstancesTest {
  @TempDir Path folder;

  @Test
  void runsSeveralSessionsSideBySide() throws Exception {
    Path file = Files.write(folder.resolve("model.onnx"), TinyModels.linear(4, 3));
    var settings = SessionSettings.DEFAULT.withInstances(3).withIntraOpThreads(1);
    try (var instances = ModelInstances.load(TestModels.ENGINE, file, settings, null);
        var threads = Executors.newFixedThreadPool(3)) {
      ModelInstances.Runners runners = instances.runners(null);
      InputCheck check = InputCheck.of(instances.signature());
      var barrier = new CyclicBarrier(3);
      List<Future<float[]>> answers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Callable<float[]> call =
            () -> {
              barrier.await(30, TimeUnit.SECONDS);
              var x = TestModels.floats("x", TestModels.shape(1, 4), 1, 2, 3, 4);
              try (ModelResult result =
                  runners.execute(List.of(check.check(List.of(x), List.of())), null).get(0)) {
                return TestModels.floats(result.outputs().get(0));
              }
            };
        answers.add(threads.submit(call));
      }

      assertThat(instances.size()).isEqualTo(3);
      for (Future<float[]> answer : answers) {
        assertThat(answer.get(30, TimeUnit.SECONDS)).containsExactly(30, 61, 92);
      }
    }
  }

  @Test
  void saysThatThisBuildHasNoGpu() throws Exception {
    org.junit.jupiter.api.Assumptions.assumeFalse(
        ExecutionProviders.built(Device.Provider.CUDA), "this build has ONNX Runtime for GPUs");
    Path file = Files.write(folder.resolve("model.onnx"), TinyModels.linear(4, 3));
    var settings = SessionSettings.of(java.util.Map.of("device", "cuda:0"));

    assertThatThrownBy(() -> ModelInstances.load(TestModels.ENGINE, file, settings, null))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage(
            "device 'cuda:0': this build has ONNX Runtime for the processor only (expected: a"
                + " build with the Maven profile 'gpu', see docs/gpu.md)");
  }
}
