package dev.millrace.runtime.engine.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.runtime.engine.OnnxModel;
import dev.millrace.runtime.engine.SyntheticInputs;
import dev.millrace.runtime.engine.TestModels;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import dev.millrace.runtime.engine.admission.ProbeOptions.Bounds;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import dev.millrace.testkit.onnx.OnnxNode;
import dev.millrace.testkit.onnx.OnnxTensorData;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InProcessProbeTest {
  private static final ProbeOptions OPTIONS = new ProbeOptions("test", 1, Duration.ofMillis(500));

  private final AdmissionProbe probe = new InProcessProbe(TestModels.ENGINE, OPTIONS);

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
  void measuresATinyModelByBatch() {
    Profile profile = profile(TinyModels.linear(4, 3));

    assertThat(profile.digest()).isEqualTo("sha256:00");
    assertThat(profile.hardwareClass()).isEqualTo("test");
    assertThat(profile.onnxRuntime()).isEqualTo(TestModels.ENGINE.runtimeVersion());
    assertThat(profile.lengthAxis()).isNull();
    assertThat(profile.latency())
        .extracting(Profile.Latency::batch)
        .containsExactly(1, 2, 4, 8, 16, 32);
    assertThat(profile.latency())
        .allSatisfy(
            cell -> {
              assertThat(cell.length()).isZero();
              assertThat(cell.p50Micros()).isBetween(1L, cell.p99Micros());
              assertThat(cell.runs()).isPositive();
            });
    assertThat(profile.mayBatch()).isTrue();
    assertThat(profile.padding().holds()).isEqualTo(Finding.UNKNOWN);
    assertThat(profile.deterministic()).isEqualTo(Finding.YES);
    // A row more costs a linear model next to nothing.
    assertThat(profile.recommended().batch()).isGreaterThan(1);
    assertThat(profile.recommended().instances()).isEqualTo(1);
  }

  @Test
  void measuresASequenceModelByBatchAndLength() {
    Profile profile = profile(TinyModels.gatherEmbedding(5, 2));

    assertThat(profile.lengthAxis()).isEqualTo("tokens");
    assertThat(profile.latency(1, 8)).isPresent();
    assertThat(profile.latency(4, 32)).isPresent();
    assertThat(profile.latency(1, 128)).isPresent();
    // Ids without a mask: the engine would not pad them, whatever comes out.
    assertThat(profile.padding().holds()).isEqualTo(Finding.UNKNOWN);
    assertThat(profile.padding().note()).startsWith("nothing says how to pad it");
    assertThat(profile(TinyModels.gatherEmbedding(5, 2), Map.of("ids", 0L)).mayPad()).isTrue();
  }

  @Test
  void seesThatRowsOfABatchInfluenceEachOther() {
    byte[] centred =
        model(
            new OnnxGraph("centred")
                .input("x", DataType.FP32, "batch", "4")
                .output("y", DataType.FP32, "batch", "4")
                .node(
                    OnnxNode.of("ReduceMean", List.of("x"), List.of("mean"))
                        .attribute("axes", new long[] {0}))
                .node("Sub", List.of("x", "mean"), "y"));

    Profile profile = profile(centred);

    assertThat(profile.batching().holds()).isEqualTo(Finding.NO);
    assertThat(profile.batching().largestDifference()).isGreaterThan(0.1);
    assertThat(profile.mayBatch()).isFalse();
    // The owner may allow it all the same, so the times are of use.
    assertThat(profile.latency(8, 0)).isPresent();
  }

  @Test
  void seesThatPaddingChangesTheResult() {
    byte[] average =
        model(
            new OnnxGraph("average")
                .input("x", DataType.FP32, "batch", "n")
                .output("y", DataType.FP32, "batch", "1")
                .node(
                    OnnxNode.of("ReduceMean", List.of("x"), List.of("y"))
                        .attribute("axes", new long[] {1})));

    Profile profile = profile(average, Map.of("x", 0L));

    assertThat(profile.mayBatch()).isTrue();
    assertThat(profile.padding().holds()).isEqualTo(Finding.NO);
    assertThat(profile.padding().largestDifference()).isGreaterThan(0.1);
    assertThat(profile.mayPad()).isFalse();
  }

  @Test
  void seesThatTheBatchIsFixedWhateverTheSignatureSays() {
    byte[] oneRow =
        model(
            new OnnxGraph("oneRow")
                .input("x", DataType.FP32, "batch", "4")
                .output("y", DataType.FP32, "batch", "4")
                .constant(OnnxTensorData.floats("zero", new float[] {0}))
                .constant(OnnxTensorData.floats("oneByFour", new float[] {1, 4}, 2))
                .node(
                    OnnxNode.of("ReduceMax", List.of("x"), List.of("largest"))
                        .attribute("keepdims", 0))
                .node("Mul", List.of("largest", "zero"), "nothing")
                .node("Add", List.of("nothing", "oneByFour"), "sizes")
                .node(OnnxNode.of("Cast", List.of("sizes"), List.of("shape")).attribute("to", 7))
                .node("Reshape", List.of("x", "shape"), "y"));

    Profile profile = profile(oneRow);

    assertThat(profile.batching().holds()).isEqualTo(Finding.NO);
    assertThat(profile.batching().note()).startsWith("a batch of 4 rows fails: ");
    assertThat(profile.latency()).extracting(Profile.Latency::batch).containsExactly(1);
    assertThat(profile.recommended().batch()).isEqualTo(1);
  }

  @Test
  void seesChance() {
    byte[] random =
        model(
            new OnnxGraph("random")
                .input("x", DataType.FP32, "batch", "4")
                .output("y", DataType.FP32, "batch", "4")
                .node("RandomUniformLike", List.of("x"), "noise")
                .node("Add", List.of("x", "noise"), "y"));

    assertThat(profile(random).deterministic()).isEqualTo(Finding.NO);
  }

  @Test
  void chancesOnlyOnBatchesThatTheTimeAllows() throws Exception {
    var noTime = new ProbeOptions("test", 1, Duration.ZERO);
    Verdict verdict =
        new InProcessProbe(TestModels.ENGINE, noTime)
            .probe(
                new AdmissionProbe.Subject(
                    TestModels.write(TinyModels.slow(20_000)), "sha256:00", Map.of()));

    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Admitted.class, admitted -> assertThat(admitted.profile().latency()).isEmpty());
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
  void refusesAGiantAnswerWithoutComputingIt() {
    assertThat(probe(TinyModels.bigOutput(300_000_000)))
        .isInstanceOfSatisfying(
            Verdict.Rejected.class,
            rejected ->
                assertThat(rejected.reason())
                    .startsWith("output 'y' has the shape")
                    .endsWith("takes at least 1.1 GiB (expected: at most 0.5 GiB)"));
  }

  @Test
  void batchesOfLargeAnswersAreNotMeasured() {
    Profile profile = profile(TinyModels.bigOutput(20_000_000));

    assertThat(profile.latency()).extracting(Profile.Latency::batch).isSubsetOf(1);
    assertThat(profile.batching().note()).contains("would be huge");
  }

  @Test
  void batchesThatNeedMoreMemoryThanThereIsAreLeftOut() throws Exception {
    // A row is 4 MiB: eight fit into a fifth of what there is, sixteen do not.
    var options = bounded(Duration.ofMinutes(1), new Bounds(Duration.ofMinutes(5), 200L << 20));

    Profile profile = profile(options, TinyModels.bigOutput(1 << 20));

    assertThat(profile.mayBatch()).isTrue();
    assertThat(profile.latency()).extracting(Profile.Latency::batch).containsExactly(1, 2, 4, 8);
    assertThat(profile.notMeasured())
        .containsExactly(
            "batches of 16 rows and more: it would be huge: 64.0 MiB of inputs and outputs (tried:"
                + " at most 40.0 MiB)");
  }

  @Test
  void aSlowModelGetsItsVerdictInsteadOfBeingMeasured() throws Exception {
    var options = bounded(Duration.ofNanos(1), new Bounds(Duration.ofNanos(2), Long.MAX_VALUE));

    Profile profile = profile(options, TinyModels.slow(1000));

    assertThat(profile.deterministic()).isEqualTo(Finding.UNKNOWN);
    assertThat(profile.batching().holds()).isEqualTo(Finding.UNKNOWN);
    assertThat(profile.batching().note())
        .startsWith("a batch of 4 rows was not tried: it would take about")
        .endsWith("and admission has 0.0 s left for it");
    assertThat(profile.latency()).extracting(Profile.Latency::runs).containsExactly(1);
    assertThat(profile.notMeasured())
        .hasSize(2)
        .anyMatch(it -> it.startsWith("running the same row twice: it would take about"))
        .anyMatch(it -> it.startsWith("more than one run: it would take about"));
  }

  @Test
  void refusesAGiantAnswerThatDoesNotShowWithoutCopyingIt() {
    // Its size comes with the input, so that nobody knows it before a run.
    byte[] giant =
        model(
            new OnnxGraph("giant")
                .input("x", DataType.FP32, "batch", "1")
                .output("y", DataType.FP32, "many")
                .constant(OnnxTensorData.floats("zero", new float[] {0}))
                .constant(OnnxTensorData.floats("size", new float[] {140_000_000}, 1))
                .node(
                    OnnxNode.of("ReduceMax", List.of("x"), List.of("largest"))
                        .attribute("keepdims", 0))
                .node("Mul", List.of("largest", "zero"), "nothing")
                .node("Add", List.of("nothing", "size"), "sizes")
                .node(OnnxNode.of("Cast", List.of("sizes"), List.of("shape")).attribute("to", 7))
                .node("ConstantOfShape", List.of("shape"), "y"));

    assertThat(probe(giant))
        .isEqualTo(
            new Verdict.Rejected(
                "the answer to one small row takes 0.5 GiB (expected: at most 0.5 GiB)"));
  }

  @Test
  void rejectsPadValuesThatDoNotFit() {
    assertThat(probe(TinyModels.gatherEmbedding(5, 2), Map.of("idz", 0L)))
        .isInstanceOfSatisfying(
            Verdict.Rejected.class,
            rejected ->
                assertThat(rejected.reason()).startsWith("padding of 'idz': no such input"));
  }

  @Test
  void measuresWithTheOptionsThatVersionsAreServedWith() throws Exception {
    var options =
        new ProbeOptions(
            "test", 2, Duration.ZERO, Map.of("intra_op_threads", "3", "instances", "2"));
    assertThat(options.session().threads().intraOp()).isEqualTo(3);
    assertThat(options.session().instances()).isEqualTo(1);
    var subject =
        new AdmissionProbe.Subject(
            TestModels.write(TinyModels.linear(4, 3)), "sha256:00", Map.of());

    var verdict = new InProcessProbe(TestModels.ENGINE, options).probe(subject);

    assertThat(((Verdict.Admitted) verdict).profile().recommended().intraOpThreads()).isEqualTo(3);
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

  private static byte[] model(OnnxGraph graph) {
    return new OnnxModelWriter().write(graph);
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

  private static ProbeOptions bounded(Duration profileTime, Bounds bounds) {
    return new ProbeOptions("test", 1, profileTime, Map.of(), bounds);
  }

  private static Profile profile(ProbeOptions options, byte[] onnx) throws Exception {
    var subject = new AdmissionProbe.Subject(TestModels.write(onnx), "sha256:00", Map.of());
    Verdict verdict = new InProcessProbe(TestModels.ENGINE, options).probe(subject);
    assertThat(verdict).isInstanceOf(Verdict.Admitted.class);
    return ((Verdict.Admitted) verdict).profile();
  }

  private Profile profile(byte[] onnx) {
    return profile(onnx, Map.of());
  }

  private Profile profile(byte[] onnx, Map<String, Long> padding) {
    Verdict verdict = probe(onnx, padding);
    assertThat(verdict).isInstanceOf(Verdict.Admitted.class);
    return ((Verdict.Admitted) verdict).profile();
  }

  private Verdict probe(byte[] onnx) {
    return probe(onnx, Map.of());
  }

  private Verdict probe(byte[] onnx, Map<String, Long> padding) {
    try {
      return probe.probe(new AdmissionProbe.Subject(TestModels.write(onnx), "sha256:00", padding));
    } catch (IOException | InterruptedException cannotTry) {
      throw new AssertionError(cannotTry);
    }
  }
}
