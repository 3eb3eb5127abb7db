package dev.millrace.runtime.server.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import dev.millrace.runtime.server.FakeRegistry;
import dev.millrace.runtime.server.config.BatchingOptions;
import dev.millrace.runtime.server.config.EngineDefaults;
import dev.millrace.runtime.server.config.RuntimeConfig.AdmissionMode;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import dev.millrace.testkit.onnx.OnnxTensorData;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VersionJudgeTest {
  @TempDir Path cache;

  private final FakeRegistry registry = new FakeRegistry();

  @Test
  void aFileThatPromisesAnotherSignatureIsRejected() throws Exception {
    VersionEntry honest = linear(DataType.FP32);
    VersionEntry liar = linear(DataType.INT64);

    assertThat(judge().judge(honest)).isInstanceOf(Verdict.Admitted.class);
    assertThat(judge().judge(liar))
        .isEqualTo(
            new Verdict.Rejected(
                "the loaded model has the inputs x FP32, but its file says x INT64"));
  }

  @Test
  void aVersionWithoutAModelIsRejected() throws Exception {
    VersionEntry none = version(Map.of("labels.txt", new byte[1]), null);
    VersionEntry two = version(Map.of("a.onnx", new byte[1], "b.onnx", new byte[2]), null);

    assertThat(judge().judge(none))
        .isEqualTo(
            new Verdict.Rejected(
                "the version has the model files [] (expected: model.onnx, or exactly one)"));
    assertThat(judge().judge(two)).isInstanceOf(Verdict.Rejected.class);
  }

  @Test
  void anAnswerThatNobodyCanSendIsRefusedFromTheSignature() throws Exception {
    var giant =
        new Signature(
            List.of(tensor("x", DataType.FP32, 1)),
            List.of(tensor("y", DataType.FP32, 300_000_000)));

    assertThat(judge().judge(version(Map.of("model.onnx", new byte[1]), giant)))
        .isInstanceOfSatisfying(
            Verdict.Rejected.class,
            rejected -> assertThat(rejected.reason()).contains("(expected: at most 0.5 GiB)"));
  }

  @ParameterizedTest
  @EnumSource(AdmissionMode.class)
  void aTokenizerThatCannotBeReadRejectsTheVersion(AdmissionMode mode) throws Exception {
    var embedding = new ModelManifest("embedding", null, null, null, null, null, null, null, null);
    byte[] model =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("words")
                    .input("input_ids", DataType.INT64, "batch", "n")
                    .output("y", DataType.FP32, "batch", "n", "1")
                    .constant(OnnxTensorData.floats("table", new float[100], 100, 1))
                    .node("Gather", List.of("table", "input_ids"), "y"));
    VersionKey key =
        registry.version(
            "words", embedding, Map.of("model.onnx", model, "tokenizer.json", new byte[] {'{'}));

    assertThat(judge(mode).judge(registry.entry(key)))
        .isInstanceOfSatisfying(
            Verdict.Rejected.class,
            rejected -> assertThat(rejected.reason()).startsWith("tokenizer 'tokenizer.json': "));
  }

  @Test
  void aFileThatCannotBeFetchedIsNoVerdict() {
    var absent = new Artifact("model.onnx", "sha256:" + "0".repeat(64), 5);
    VersionEntry version =
        new VersionEntry(
            new VersionKey("default", "m", 1),
            "sha256:" + "1".repeat(64),
            VersionState.VALIDATING,
            new Signature(List.of(), List.of()),
            ModelManifest.EMPTY,
            List.of(absent));

    assertThatThrownBy(() -> judge().judge(version)).isInstanceOf(IOException.class);
  }

  private VersionEntry linear(DataType promised) {
    var signature =
        new Signature(List.of(tensor("x", promised, 4)), List.of(tensor("y", DataType.FP32, 3)));
    return version(Map.of("model.onnx", TinyModels.linear(4, 3)), signature);
  }

  private static TensorSignature tensor(String name, DataType type, long width) {
    return new TensorSignature(
        name, type, List.of(Dimension.symbolic("batch"), Dimension.fixed(width)), 0);
  }

  private VersionEntry version(Map<String, byte[]> files, @Nullable Signature promised) {
    VersionKey key = registry.version("m" + files.hashCode(), ModelManifest.EMPTY, files);
    VersionEntry entry = registry.entry(key);
    return new VersionEntry(
        key,
        entry.digest(),
        VersionState.VALIDATING,
        promised == null ? entry.signature() : promised,
        entry.manifest(),
        entry.artifacts());
  }

  private VersionJudge judge() {
    return judge(AdmissionMode.IN_PROCESS);
  }

  private VersionJudge judge(AdmissionMode mode) {
    var runtime =
        new RuntimeOptions(
            new RuntimeOptions.Member("me", "cpu", "cpu", "127.0.0.1", Duration.ofSeconds(1)),
            new RuntimeOptions.Listen(false, "127.0.0.1", 0, ""),
            cache,
            new RuntimeOptions.Limits(
                1 << 20, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)),
            1,
            new BatchingOptions(32, 512, Duration.ZERO),
            new EngineDefaults(
                Map.of(), 0, 1L << 30, null, new EngineDefaults.Disk(1L << 30, 1L << 30)));
    var options = new AdmissionOptions(mode, Duration.ofMinutes(1), 1L << 30, Duration.ZERO);
    return new VersionJudge(runtime, options, registry);
  }
}
