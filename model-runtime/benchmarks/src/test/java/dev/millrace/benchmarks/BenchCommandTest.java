package dev.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.benchmarks.load.WarmUp;
import dev.millrace.benchmarks.scenario.RunOptions;
import dev.millrace.benchmarks.scenario.Scenario;
import dev.millrace.benchmarks.scenario.Scenario.Occasion;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine commandLine =
      Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

  @Test
  void quickIsShort() {
    BenchCommand command = parse("--quick");

    assertThat(command.options())
        .isEqualTo(
            new RunOptions(
                Duration.ofSeconds(3),
                Duration.ofSeconds(1),
                1,
                new WarmUp(Duration.ofSeconds(1), Duration.ofSeconds(10))));
    assertThat(command.scenarios())
        .extracting(Scenario::name)
        .containsExactly(
            "tiny-http-json",
            "tiny-http-binary",
            "tiny-grpc",
            "minilm-http-json",
            "minilm-grpc",
            "tiny-http-json-open");
  }

  @Test
  void withoutOptionsEverythingRunsThreeTimes() {
    BenchCommand command = parse();

    assertThat(command.options())
        .isEqualTo(
            new RunOptions(
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                3,
                new WarmUp(Duration.ofSeconds(3), Duration.ofMinutes(1))));
    assertThat(command.scenarios())
        .hasSizeGreaterThan(6)
        .noneMatch(scenario -> scenario.occasion() == Occasion.NAMED);
  }

  @Test
  void secondsAndRoundsOverrideTheMode() {
    RunOptions options =
        parse("--quick", "--seconds", "1", "--rounds", "2", "--warm-up", "0").options();

    assertThat(options)
        .isEqualTo(
            new RunOptions(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                2,
                new WarmUp(Duration.ofSeconds(1), Duration.ZERO)));
  }

  @Test
  void scenariosAreChosenByName() {
    assertThat(parse("tiny-grpc", "tiny-http-json", "--quick").scenarios())
        .extracting(Scenario::name)
        .containsExactly("tiny-http-json", "tiny-grpc");
  }

  @Test
  void theBeginningOfANameStandsForAllThatBeginWithIt() {
    assertThat(parse("grpc-pass-through").scenarios())
        .extracting(Scenario::name)
        .containsExactly(
            "grpc-pass-through-small-1",
            "grpc-pass-through-small-16",
            "grpc-pass-through-large-1",
            "grpc-pass-through-large-16");
    assertThat(parse("tiny-http").scenarios()).hasSizeGreaterThan(3);
  }

  @Test
  void aNameThatIsOneStandsForNothingElse() {
    assertThat(parse("tiny-grpc").scenarios()).hasSize(1);
  }

  @Test
  void whatNeedsThisBuildIsNotForAnotherServer() {
    assertThat(commandLine.execute("grpc-pass-through", "--url", "http://127.0.0.1:9"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("not for another server: grpc-pass-through-small-1,");
    assertThat(parse("--url", "http://127.0.0.1:9").scenarios()).allMatch(Scenario::remote);
  }

  @Test
  void anUnknownScenarioNamesTheKnownOnes() {
    assertThat(commandLine.execute("tiny-htp")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "no scenario is called tiny-htp; did you mean tiny-http?"
                + " (known: tiny-http-json, tiny-http-binary,");
  }

  @Test
  void refusesANumberThatMeasuresNothing() {
    assertThat(commandLine.execute("--seconds", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--seconds: 0 (expected: 1 or more)");
  }

  @Test
  void listsTheScenarios() {
    assertThat(commandLine.execute("--list")).isZero();
    assertThat(out.toString())
        .contains(
            "P1   tiny-http-json ",
            "P3   minilm-grpc ",
            "(quick)",
            "P10  start-up ",
            "soak ",
            "jmh [REGEX]");
  }

  @Test
  void writesTheModelsForAnotherServer(@TempDir Path folder) {
    assertThat(commandLine.execute("--write-models", folder.toString())).isZero();
    assertThat(folder.resolve("tiny.onnx")).isNotEmptyFile();
    assertThat(folder.resolve("minilm.onnx")).isNotEmptyFile();
  }

  @Test
  void aServerThatIsNotThereFailsWithAReason(@TempDir Path folder) {
    int status =
        commandLine.execute(
            "tiny-grpc", "--url", "http://127.0.0.1:9", "--seconds", "1", "--rounds", "1");

    assertThat(status).isEqualTo(1);
    assertThat(err.toString())
        .contains("bench: tiny-grpc: while warming up: gRPC Status{code=UNAVAILABLE");
  }

  @Test
  void refusesAnAddressWithoutAHost() {
    assertThat(commandLine.execute("tiny-grpc", "--url", "localhost")).isEqualTo(2);
    assertThat(err.toString()).contains("--url: localhost");
  }

  private BenchCommand parse(String... arguments) {
    commandLine.parseArgs(arguments);
    return commandLine.getCommand();
  }

  @Test
  void passesJmhItsOwnOptions() {
    var parsed = commandLine.parseArgs("jmh", "Codec", "-prof", "gc").subcommand();

    assertThat(parsed.commandSpec().name()).isEqualTo("jmh");
    assertThat(parsed.matchedPositionalValue(0, List.of())).containsExactly("Codec", "-prof", "gc");
  }
}
