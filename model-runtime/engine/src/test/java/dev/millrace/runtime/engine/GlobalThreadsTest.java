package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.onnx.TinyModels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** In a process of its own, since only the first engine of a process decides the pool. */
@EnabledOnOs(OS.LINUX)
class GlobalThreadsTest {
  @Test
  void sessionsShareThePoolUnlessTheyAskForThreadsOfTheirOwn(@TempDir Path folder)
      throws Exception {
    Path model = Files.write(folder.resolve("linear.onnx"), TinyModels.linear(4, 3));
    Path output = folder.resolve("output.txt");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            GlobalThreadsTest.class.getName(),
            model.toString());

    Process child =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();

    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String printed = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(child.exitValue()).as(printed).isZero();
    // Intra-op pools of 3 threads: the caller and 2 more, in each session that has its own.
    assertThat(printed).contains("shared 0").contains("own 10").contains("answers 5");
  }

  /** What the child does. */
  public static void main(String[] arguments) throws Exception {
    var options = new EngineOptions(1, 1, false, 0, null, new GlobalThreads(3, 1, false), null);
    try (OnnxEngine engine = OnnxEngine.start(options)) {
      Path file = Path.of(arguments[0]);
      int before = threads();
      List<OnnxModel> models = load(engine, file, SessionSettings.DEFAULT);
      System.out.println("shared " + (threads() - before));
      before = threads();
      load(engine, file, SessionSettings.of(Map.of("intra_op_threads", "3")));
      System.out.println("own " + (threads() - before));
      int answers = 0;
      for (OnnxModel model : models) {
        var x = TestModels.floats("x", TestModels.shape(1, 4), 1, 2, 3, 4);
        answers += model.run(List.of(x), List.of("y")).size();
      }
      System.out.println("answers " + answers);
    }
  }

  private static List<OnnxModel> load(OnnxEngine engine, Path file, SessionSettings settings)
      throws ModelLoadException {
    var models = new ArrayList<OnnxModel>();
    for (int i = 0; i < 5; i++) {
      models.add(engine.load(file, settings));
    }
    return models;
  }

  /** Of this process, the JVM's included. */
  private static int threads() throws java.io.IOException {
    try (var tasks = Files.list(Path.of("/proc/self/task"))) {
      return (int) tasks.count();
    }
  }
}
