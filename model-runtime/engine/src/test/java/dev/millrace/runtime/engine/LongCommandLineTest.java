package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.onnx.TinyModels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Some releases of ONNX Runtime crash the JVM, without a trace, when the command line is longer
 * than 4,096 bytes, as any long class path makes it. This holds the release we ship to not doing
 * so.
 */
class LongCommandLineTest {
  @Test
  void startsAndRunsAModelUnderALongCommandLine(@TempDir Path folder) throws Exception {
    Path model = Files.write(folder.resolve("linear.onnx"), TinyModels.linear(4, 3));
    Path output = folder.resolve("output.txt");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Dfiller=" + "x".repeat(5_000),
            "-cp",
            System.getProperty("java.class.path"),
            LongCommandLineTest.class.getName(),
            model.toString());

    Process child =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();

    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String printed = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(child.exitValue()).as(printed).isZero();
    assertThat(printed).contains("answer [30.0, 61.0, 92.0]");
  }

  /** What the child does. */
  public static void main(String[] arguments) throws Exception {
    try (OnnxEngine engine = OnnxEngine.start(EngineOptions.DEFAULT);
        OnnxModel model = engine.load(Path.of(arguments[0]), SessionSettings.DEFAULT)) {
      var x = TestModels.floats("x", TestModels.shape(1, 4), 1, 2, 3, 4);
      float[] y = TestModels.floats(model.run(List.of(x), List.of("y")).get(0));
      System.out.println("answer " + java.util.Arrays.toString(y));
    }
  }
}
