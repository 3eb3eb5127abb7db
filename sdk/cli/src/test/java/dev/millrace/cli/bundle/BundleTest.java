package dev.millrace.cli.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
  @TempDir Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  /** Reads an archive as the format says, and checks each header's sum. */
  private static Map<String, String> read(Path tar) throws IOException {
    byte[] bytes = Files.readAllBytes(tar);
    assertThat(bytes.length % 512).isZero();
    var entries = new LinkedHashMap<String, String>();
    int at = 0;
    while (bytes[at] != 0) {
      String name = text(bytes, at, 100);
      int size = Integer.parseInt(text(bytes, at + 124, 12), 8);
      int sum = Integer.parseInt(text(bytes, at + 148, 8).strip(), 8);
      int computed = 0;
      for (int i = 0; i < 512; i++) {
        computed += i >= 148 && i < 156 ? ' ' : bytes[at + i] & 0xff;
      }
      assertThat(computed).isEqualTo(sum);
      assertThat(text(bytes, at + 257, 6)).isEqualTo("ustar");
      assertThat((char) bytes[at + 156]).isEqualTo('0');
      entries.put(name, new String(bytes, at + 512, size, StandardCharsets.UTF_8));
      at += 512 + (size + 511) / 512 * 512;
    }
    assertThat(bytes.length - at).isEqualTo(1024);
    return entries;
  }

  private static String text(byte[] bytes, int offset, int length) {
    String raw = new String(bytes, offset, length, StandardCharsets.US_ASCII);
    int end = raw.indexOf('\0');
    return end < 0 ? raw : raw.substring(0, end);
  }

  @Test
  void aSingleFileIsUploadedAsItIs() throws Exception {
    Path onnx = file("any name.onnx", "m");

    try (Bundle bundle = Bundle.of(onnx, Map.of())) {
      assertThat(bundle.file()).isEqualTo(onnx);
    }
    assertThat(onnx).exists();
  }

  @Test
  void extrasMakeATarWithTheNamesOfABundle() throws Exception {
    Path onnx = file("any.onnx", "m".repeat(513));
    Path tokenizer = file("t.json", "");
    Path made;

    try (Bundle bundle = Bundle.of(onnx, Map.of("tokenizer.json", tokenizer))) {
      made = bundle.file();
      assertThat(read(made))
          .containsExactly(
              Map.entry("model.onnx", "m".repeat(513)), Map.entry("tokenizer.json", ""));
    }
    assertThat(made).doesNotExist();
    assertThat(onnx).exists();
  }

  @Test
  void aFolderIsPackedWithoutHiddenFilesAndFolders() throws Exception {
    file("model.onnx", "m");
    file("millrace.yaml", "task: embedding\n");
    file(".hidden", "x");
    Files.createDirectory(folder.resolve("sub"));

    try (Bundle bundle = Bundle.of(folder, Map.of())) {
      assertThat(read(bundle.file())).containsOnlyKeys("millrace.yaml", "model.onnx");
    }
  }

  @Test
  void theSameFilesGiveTheSameBytes() throws Exception {
    Path onnx = file("model.onnx", "m");
    var extras = Map.of("labels.txt", file("l.txt", "a\nb\n"));
    try (Bundle one = Bundle.of(onnx, extras);
        Bundle two = Bundle.of(onnx, extras)) {
      assertThat(Files.mismatch(one.file(), two.file())).isEqualTo(-1);
    }
  }

  @Test
  void refusesWhatCannotBePacked() throws Exception {
    Path tar = file("bundle.tar", "t");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path onnx = file("model.onnx", "m");

    assertThatThrownBy(() -> Bundle.of(tar, Map.of("tokenizer.json", onnx)))
        .hasMessageContaining("is a bundle already");
    assertThatThrownBy(() -> Bundle.of(empty, Map.of())).hasMessageContaining("has no .onnx file");
    assertThatThrownBy(() -> Bundle.of(onnx, Map.of("tokenizer.json", folder.resolve("none"))))
        .isInstanceOfSatisfying(
            MillraceException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("none' does not exist");
    assertThatThrownBy(() -> Bundle.pack(Map.of("n".repeat(101), onnx), Map.of()))
        .hasMessageContaining("too long for a bundle");
  }
}
