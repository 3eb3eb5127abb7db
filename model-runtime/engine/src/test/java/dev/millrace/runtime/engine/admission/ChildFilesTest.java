package dev.millrace.runtime.engine.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Subject;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildFilesTest {
  @TempDir Path folder;

  @Test
  void aQuestionArrivesAsItWasAsked() throws Exception {
    var subject =
        new Subject(
            Path.of("/a folder/möd=el: 1.onnx"),
            "sha256:ab",
            Map.of("ids: 1", 7L, "mask", -1L),
            Map.of("tokenizer", "a b=c: d.json"));
    var options =
        new ProbeOptions(
            "h100",
            3,
            Duration.ofMillis(1234),
            Map.of("execution-mode", "parallel"),
            new ProbeOptions.Bounds(Duration.ofMillis(5678), 9L << 30));
    var question = new ChildFiles.Question(subject, options);

    new ChildFiles(folder).ask(question);

    var read = new ChildFiles(folder).question();
    assertThat(read).isEqualTo(question);
    assertThat(read.subject()).isEqualTo(subject);
    assertThat(read.options()).isEqualTo(options);
  }

  @Test
  void aVerdictArrivesAsItWasGiven() throws Exception {
    var signature =
        new Signature(
            List.of(
                new TensorSignature(
                    "x \"{\\ü\n\uD83D\uDE00",
                    DataType.FP32,
                    List.of(Dimension.symbolic("batch"), Dimension.fixed(4), Dimension.free()),
                    0)),
            List.of(new TensorSignature("y", DataType.INT64, List.of(), null)));
    var profile =
        new Profile(
            "sha256:ab",
            "cpu",
            Instant.parse("2026-05-01T10:15:30.123456789Z"),
            "1.28.0",
            new Profile.Footprint(1, 1L << 40, 3),
            null,
            List.of(new Profile.Latency(1, 8, 150, 300, 30)),
            new Profile.Invariance(Profile.Finding.NO, 1.5e-300, null),
            Profile.Invariance.unknown("no mask"),
            Profile.Finding.YES,
            new Profile.Recommendation(8, 2, 1),
            List.of("batches of \"16\" rows and more: too much"));
    var admitted = new Verdict.Admitted(signature, Duration.ofNanos(123_456_789), profile);
    var files = new ChildFiles(folder);
    assertThat(files.verdict()).isEmpty();

    files.answer(admitted);

    assertThat(files.verdict()).contains(admitted);
  }

  @Test
  void aReasonArrivesAndGarbageDoesNot() throws Exception {
    var files = new ChildFiles(folder);
    files.answer(new Verdict.Rejected("line one\nline \u0007 two"));
    assertThat(files.verdict()).contains(new Verdict.Rejected("line one\nline \u0007 two"));

    Files.writeString(folder.resolve("answer.json"), "{\"loadNanos\":1}");
    assertThatThrownBy(files::verdict)
        .isInstanceOf(IOException.class)
        .hasMessage("the answer of the admission process is not complete");
    Files.write(folder.resolve("answer.json"), new byte[5 << 20]);
    assertThatThrownBy(files::verdict).hasMessageContaining("too large");
  }
}
