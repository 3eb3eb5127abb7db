package dev.millrace.runtime.engine.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.onnx.BrokenModels;
import dev.millrace.testkit.onnx.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {
  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void makeABundleBesideASecret() throws Exception {
    folder = Files.createDirectory(root.resolve("bundle"));
    Files.write(root.resolve("secret.bin"), new byte[12]);
    Files.write(folder.resolve("weights.bin"), new byte[12]);
  }

  @Test
  void allowsAFileOfTheBundle() throws Exception {
    assertThat(ExternalData.check(model(BrokenModels.externalData("weights.bin")))).isEmpty();
    assertThat(ExternalData.check(model(TinyModels.slow(3)))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret.bin",
        "/etc/hostname",
        "./weights.bin",
        "sub/weights.bin",
        "..",
        ".",
        "",
        "C:\\weights.bin",
        "*/_ORT_MEM_ADDR_/*"
      })
  void refusesWhateverIsNoPlainName(String location) throws Exception {
    assertThat(ExternalData.check(model(BrokenModels.externalData(location))))
        .contains(
            "tensor 'B' wants its data from '"
                + location
                + "' (expected: the plain name of a file in the bundle)");
  }

  @Test
  void refusesWhatIsNotThereAndWhatLeadsOut() throws Exception {
    Files.createSymbolicLink(folder.resolve("link.bin"), root.resolve("secret.bin"));

    assertThat(ExternalData.check(model(BrokenModels.externalData("other.bin"))))
        .contains("tensor 'B' wants its data from 'other.bin', which is not in the bundle");
    assertThat(ExternalData.check(model(BrokenModels.externalData("link.bin"))))
        .contains("tensor 'B' wants its data from 'link.bin', which leads out of the bundle");
  }

  @Test
  void endsAtWhatIsNoModel() throws Exception {
    assertThat(ExternalData.check(model(BrokenModels.truncated())).orElseThrow())
        .startsWith("the file is not an ONNX model: ");
    assertThat(ExternalData.check(model(BrokenModels.deeplyNested(2000))).orElseThrow())
        .contains("nested more than 100 deep");
    assertThat(ExternalData.check(folder.resolve("none.onnx")))
        .contains("the file none.onnx does not exist");
  }

  private Path model(byte[] onnx) throws Exception {
    return Files.write(folder.resolve("model.onnx"), onnx);
  }
}
