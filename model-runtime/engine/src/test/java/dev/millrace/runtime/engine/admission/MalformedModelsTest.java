package dev.millrace.runtime.engine.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.engine.TestModels;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import dev.millrace.testkit.onnx.BrokenModels;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is uploaded gets a verdict with a reason, and the process that serves goes on. More
 * mutations on demand: {@code -Dmillrace.malformed=2000}, from another seed with {@code
 * -Dmillrace.malformed.seed=7}.
 */
class MalformedModelsTest {
  private static final int MUTATIONS = Integer.getInteger("millrace.malformed", 10);
  private static final long SEED = Long.getLong("millrace.malformed.seed", 1);

  @TempDir Path folder;

  static Stream<String> broken() {
    return BrokenModels.all().keySet().stream();
  }

  @AfterEach
  void servingGoesOn() throws Exception {
    try (var model = TestModels.load(TinyModels.linear(4, 3))) {
      assertThat(
              TestModels.floats(
                  model
                      .run(
                          java.util.List.of(
                              dev.millrace.protocol.tensor.Tensors.float32(
                                  "x", new float[] {1, 2, 3, 4}, 1, 4)),
                          java.util.List.of("y"))
                      .get(0)))
          .containsExactly(30, 61, 92);
    }
  }

  @ParameterizedTest
  @MethodSource("broken")
  void aBrokenModelIsRejectedWithAReason(String name) throws Exception {
    Verdict verdict = judge(BrokenModels.all().get(name));

    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Rejected.class,
            rejected -> assertThat(rejected.reason()).isNotBlank().doesNotContain("\n"));
  }

  @Test
  void aMutatedModelIsRejectedWithAReasonOrServes() throws Exception {
    int models = MUTATIONS * BrokenModels.mutable();
    var series = new ChildSeries(folder.resolve("series"), options());
    for (int i = 0; i < models; i++) {
      series.add(BrokenModels.mutated(i / MUTATIONS, SEED + i % MUTATIONS));
    }

    List<String> verdicts = series.judge();

    assertThat(verdicts).hasSize(models).allSatisfy(verdict -> assertThat(verdict).isNotBlank());
  }

  private static ChildOptions options() {
    return new ChildOptions(
        Path.of("target", "admission").toAbsolutePath(), Duration.ofSeconds(30), 1L << 30, 1);
  }

  private Verdict judge(byte[] onnx) throws Exception {
    Path model = Files.write(folder.resolve("model.onnx"), onnx);
    var probe = new ChildProbe(new ProbeOptions("cpu", 1, Duration.ofMillis(100)), options());
    return probe.probe(new AdmissionProbe.Subject(model, "sha256:00", Map.of()));
  }
}
