package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  @TempDir Path home;

  private CapturedRun run(String... arguments) {
    return CapturedRun.of(home, Map.of(), arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "demo",
        "deploy",
        "infer",
        "embed",
        "rerank",
        "classify",
        "snippets",
        "status",
        "events",
        "models",
        "versions",
        "endpoints",
        "rollback",
        "doctor",
        "sample",
        "test",
        "bench",
        "version"
      })
  void everyCommandIsListedAndHasItsOwnHelp(String command) {
    CapturedRun all = run("--help");
    CapturedRun one = run(command, "--help");

    assertThat(all.status()).isZero();
    assertThat(all.out()).containsPattern("(?m)^  " + command + " ");
    assertThat(one.status()).isZero();
    assertThat(one.out()).startsWith("Usage: millrace " + command).contains("--url").contains("-h");
  }

  @Test
  void helpShowsExamplesAndExitCodes() {
    assertThat(run("--help").out())
        .contains("./millrace infer linear --input 'x=[[1,2,3,4]]'")
        .contains("Exit codes:")
        .containsPattern("5 +not reachable");
  }

  @Test
  void withoutACommandItShowsItsHelpAsAUsageError() {
    CapturedRun run = run();

    assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).startsWith("Usage: millrace");
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--nonsense", "nonsense", "deploy", "status", "models --output yaml"})
  void aWrongCommandLineIsAUsageError(String arguments) {
    CapturedRun run = run(arguments.split(" "));

    assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).isNotEmpty().doesNotContain("\tat ");
  }

  @Test
  void aTimeoutIsANumberAndAUnit() {
    CapturedRun run = run("deploy", "m", "f", "--timeout", "soon");

    assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("'soon' is not a duration (expected: for example 90s or 5m)");
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertThat(run("--version").out()).matches("millrace \\d+\\.\\d+\\.\\d+\\S*\n");
  }

  @Test
  void sampleWritesTheSameModelEachTimeAndAnotherForAnotherScale() throws Exception {
    Path one = home.resolve("one.onnx");
    Path two = home.resolve("two.onnx");
    Path other = home.resolve("other.onnx");

    assertThat(run("sample", one.toString()).out()).isEqualTo("wrote " + one + "\n");
    run("sample", two.toString());
    run("sample", "--scale", "2", other.toString());

    assertThat(Files.readAllBytes(one)).isEqualTo(Files.readAllBytes(two)).isNotEmpty();
    assertThat(Files.readAllBytes(other)).isNotEqualTo(Files.readAllBytes(one));
  }

  @Test
  void sampleIntoAFolderThatIsNotThereIsOneSentence() {
    CapturedRun run = run("sample", home.resolve("none/x.onnx").toString());

    assertThat(run.status()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err()).startsWith("millrace: file '").contains("cannot be written");
  }

  @Test
  void serveIsTheLaunchers() {
    CapturedRun run = run("serve", "--port", "1", "--data", "x");

    assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("./millrace serve");
  }
}
