package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.testkit.bundle.MiniLmFiles;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptimizedModelCacheTest {
  private static final SessionSettings SETTINGS = SessionSettings.DEFAULT;

  @TempDir Path folder;

  private Path root;

  @BeforeEach
  void ownFolder() {
    root = folder.resolve("optimized");
  }

  @Test
  void theSecondLoadTakesTheOptimizedGraphAndAnswersTheSame() throws Exception {
    Path file =
        Files.write(
            Files.createDirectory(folder.resolve("q")).resolve("model.onnx"), MiniLmFiles.int8());
    List<Tensor> sentence = MiniLmFiles.inputs(MiniLmFiles.sentence(new Random(5), 12));
    var cache = new OptimizedModelCache(root, 1L << 30);
    byte[] first;
    byte[] second;

    try (OnnxEngine engine = engine(cache)) {
      try (OnnxModel model = engine.load(file, SETTINGS, "sha256:q")) {
        first = answer(model, sentence);
      }
      assertThat(files()).hasSize(1);
      FileTime written = Files.getLastModifiedTime(files().get(0));
      Files.setLastModifiedTime(files().get(0), FileTime.fromMillis(0));
      try (OnnxModel model = engine.load(file, SETTINGS, "sha256:q")) {
        second = answer(model, sentence);
      }
      assertThat(Files.getLastModifiedTime(files().get(0))).isGreaterThanOrEqualTo(written);
    }

    assertThat(second).isEqualTo(first);
  }

  @Test
  void aBrokenFileIsReplaced() throws Exception {
    Path file = model(TinyModels.linear(4, 3));
    try (OnnxEngine engine = engine(new OptimizedModelCache(root, 1L << 30))) {
      engine.load(file, SETTINGS, "sha256:a").close();
      Path kept = files().get(0);
      Files.write(kept, new byte[Math.toIntExact(Files.size(kept))]);

      try (OnnxModel model = engine.load(file, SETTINGS, "sha256:a")) {
        assertThat(model.signature().inputs()).hasSize(1);
      }

      assertThat(Files.readAllBytes(files().get(0))).contains(1);
    }
  }

  @Test
  void aShortFileIsNotThere() throws Exception {
    Path file = model(TinyModels.linear(4, 3));
    var cache = new OptimizedModelCache(root, 1L << 30);
    try (OnnxEngine engine = engine(cache)) {
      engine.load(file, SETTINGS, "sha256:a").close();
      String key =
          OptimizedModelCache.key("sha256:a/model.onnx", engine.runtimeVersion(), SETTINGS);
      assertThat(cache.find(key)).isPresent();

      Files.write(files().get(0), new byte[] {1});

      assertThat(cache.find(key)).isEmpty();
    }
  }

  @Test
  void keysDifferByAllThatAnOptimizedGraphDependsOn() {
    String key = OptimizedModelCache.key("sha256:a", "1.28.0", SETTINGS);

    assertThat(OptimizedModelCache.key("sha256:a", "1.28.0", SETTINGS.withInstances(2)))
        .isEqualTo(key);
    assertThat(
            List.of(
                OptimizedModelCache.key("sha256:b", "1.28.0", SETTINGS),
                OptimizedModelCache.key("sha256:a", "1.28.1", SETTINGS),
                OptimizedModelCache.key("sha256:a", "1.28.0", of("optimization_level", "basic")),
                OptimizedModelCache.key(
                    "sha256:a", "1.28.0", of("session.disable_quant_qdq", "1"))))
        .doesNotContain(key)
        .doesNotHaveDuplicates();
  }

  @Test
  void keepsNoMoreThanItMay() throws Exception {
    var cache = new OptimizedModelCache(root, 250);
    for (int i = 0; i < 3; i++) {
      Path written = cache.temporary();
      Files.write(written, new byte[100]);
      cache.keep("key" + i, written);
      Files.setLastModifiedTime(cache.find("key" + i).orElseThrow(), FileTime.fromMillis(i));
    }

    assertThat(cache.find("key0")).isEmpty();
    assertThat(cache.find("key1")).isPresent();
    assertThat(cache.find("key2")).isPresent();
    Path big = cache.temporary();
    Files.write(big, new byte[300]);
    cache.keep("big", big);
    assertThat(cache.find("big")).isEmpty();
    assertThat(files()).hasSize(2);
  }

  @Test
  void leavesModelsWithWeightsBesideThemAlone() throws Exception {
    Path file = model(TinyModels.linear(4, 3));
    var cache = new OptimizedModelCache(root, 1L << 30);
    assertThat(cache.takes(file, SETTINGS)).isTrue();

    Files.write(file.resolveSibling("model.onnx_data"), new byte[10]);

    assertThat(cache.takes(file, SETTINGS)).isFalse();
  }

  private static SessionSettings of(String option, String value) {
    return SessionSettings.of(Map.of(option, value));
  }

  private static OnnxEngine engine(OptimizedModelCache cache) {
    return OnnxEngine.start(new EngineOptions(1, 1, false, 0, null, null, cache));
  }

  private Path model(byte[] onnx) throws IOException {
    return Files.write(Files.createDirectory(folder.resolve("m")).resolve("model.onnx"), onnx);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files.toList();
    }
  }

  private static byte[] answer(OnnxModel model, List<Tensor> inputs) throws Exception {
    String output = model.signature().outputs().get(0).name();
    return TestModels.bytes(model.run(inputs, List.of(output)).get(0));
  }
}
