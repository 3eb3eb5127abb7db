package dev.millrace.runtime.server.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTaskTest {
  private static final Signature CLASSES =
      new Signature(
          List.of(tensor("input_ids", DataType.INT64, Dimension.symbolic("tokens"))),
          List.of(tensor("logits", DataType.FP32, Dimension.fixed(2))));

  @TempDir Path folder;

  private static TensorSignature tensor(String name, DataType type, Dimension second) {
    return new TensorSignature(name, type, List.of(Dimension.symbolic("batch"), second), 0);
  }

  private static ModelManifest manifest(String task, Integer maxTokens, String labels) {
    return new ModelManifest(
        task, "tokenizer.json", null, null, maxTokens, labels, null, null, null);
  }

  private TextTask load(ModelManifest manifest) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
      Files.write(folder.resolve("tokenizer.json"), in.readAllBytes());
    }
    return TextTask.load(manifest, CLASSES, folder, folder);
  }

  @Test
  void labelsAreLinesOfTheFile() throws Exception {
    Files.writeString(folder.resolve("labels.txt"), "ham\r\nspam eggs\n\n\n", UTF_8);
    try (TextTask task = load(manifest("classification", null, "labels.txt"))) {
      assertThat(task.labels().of(0)).isEqualTo("ham");
      assertThat(task.labels().of(1)).isEqualTo("spam eggs");
    }
    try (TextTask task = load(manifest("classification", null, null))) {
      assertThat(task.labels().of(1)).isEqualTo("LABEL_1");
    }
  }

  @Test
  void saysWhyAVersionCannotDoItsTask() throws Exception {
    Files.writeString(folder.resolve("three.txt"), "a\nb\nc\n", UTF_8);
    Files.write(folder.resolve("binary.txt"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    Files.writeString(folder.resolve("empty.txt"), "\n\n", UTF_8);

    refused(manifest("classification", null, "three.txt"), "has 3 labels (expected: 2");
    refused(manifest("classification", null, "binary.txt"), "not UTF-8");
    refused(manifest("classification", null, "empty.txt"), "is empty");
    refused(manifest("classification", 7, null), "maxTokens: 7 (expected: 8 to");
    refused(manifest("rerank", null, null), "task rerank: none of the outputs [logits]");
    assertThat(load(new ModelManifest(null, null, null, null, null, null, null, null, null)))
        .isNull();
  }

  private void refused(ModelManifest manifest, String message) {
    assertThatThrownBy(() -> load(manifest))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void oneLogitStandsByItselfAndSeveralShareOne() throws Exception {
    try (TextTask task = load(manifest("classification", null, null))) {
      float[] one = {0};
      task.activation(1).apply(one);
      assertThat(one).containsExactly(0.5f);

      float[] several = {1000, 1000, -1000};
      task.activation(3).apply(several);
      assertThat(several).containsExactly(new float[] {0.5f, 0.5f, 0}, within(1e-7f));
    }
    var multiLabel =
        new ModelManifest(
            "classification",
            "tokenizer.json",
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            "sigmoid");
    try (TextTask task = load(multiLabel)) {
      assertThat(task.activation(3)).isEqualTo(Activation.SIGMOID);
    }
  }
}
