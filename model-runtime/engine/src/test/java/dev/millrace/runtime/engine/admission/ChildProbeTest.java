package dev.millrace.runtime.engine.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import dev.millrace.testkit.onnx.OnnxGraph;
import dev.millrace.testkit.onnx.OnnxModelWriter;
import dev.millrace.testkit.onnx.OnnxNode;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real child processes, some of them of the worst kind. */
class ChildProbeTest {
  private static final ProbeOptions OPTIONS = new ProbeOptions("cpu", 1, Duration.ofMillis(500));
  private static final long MEMORY = 512L << 20;

  @TempDir Path folder;

  @AfterEach
  void leavesNothingBehind() throws Exception {
    try (Stream<Path> left = Files.list(folder.resolve("work"))) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("probe-"));
    }
    assertThat(children()).isEmpty();
  }

  @Test
  void admitsWithAProfile() throws Exception {
    Verdict verdict = judge(ProbeMain.class, TinyModels.linear(4, 3), Duration.ofMinutes(1));

    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Admitted.class,
            admitted -> {
              assertThat(admitted.signature().input("x")).isPresent();
              assertThat(admitted.loadTime()).isPositive();
              Profile profile = admitted.profile();
              assertThat(profile.digest()).isEqualTo("sha256:00");
              assertThat(profile.hardwareClass()).isEqualTo("cpu");
              assertThat(profile.mayBatch()).isTrue();
              assertThat(profile.latency(1, 0)).isPresent();
              assertThat(profile.footprint().residentBytes()).isPositive();
            });
  }

  @Test
  void rowsThatFillTheMemoryAreJudgedOneAtATime() throws Exception {
    // 32 MiB a row: four alone and together are more than the child may hold.
    byte[] mean =
        new OnnxModelWriter()
            .write(
                new OnnxGraph("mean")
                    .input("x", DataType.FP32, "batch", Integer.toString(8 << 20))
                    .output("y", DataType.FP32, "batch", "1")
                    .node(
                        OnnxNode.of("ReduceMean", List.of("x"), List.of("y"))
                            .attribute("axes", new long[] {1})));

    assertThat(judge(ProbeMain.class, mean, Duration.ofMinutes(1)))
        .isInstanceOfSatisfying(
            Verdict.Admitted.class,
            admitted -> {
              assertThat(admitted.profile().deterministic()).isEqualTo(Profile.Finding.YES);
              assertThat(admitted.profile().batching().note())
                  .startsWith("a batch of 4 rows was not tried: it would be huge: 256.0 MiB");
            });
  }

  @Test
  void rejectsInTheWordsOfOnnxRuntime() throws Exception {
    assertThat(judge(ProbeMain.class, TinyModels.brokenGraph(), Duration.ofMinutes(1)))
        .isInstanceOfSatisfying(
            Verdict.Rejected.class,
            rejected -> assertThat(rejected.reason()).contains("NoSuchOperator"));
  }

  @Test
  void aModelThatHangsIsRejected() throws Exception {
    byte[] endless = TinyModels.slow(Integer.MAX_VALUE);

    assertThat(reason(judge(ProbeMain.class, endless, Duration.ofSeconds(6))))
        .startsWith("it was not done within 6 s while running the model once");
  }

  @Test
  void aChildThatCrashesIsAVerdict() throws Exception {
    assertThat(reason(judge(Children.Crashing.class, TinyModels.linear(4, 3), minute())))
        .startsWith("it crashed the process that tried it while jumping off")
        .contains("SIGSEGV");
    assertThat(reason(judge(Children.Leaving.class, TinyModels.linear(4, 3), minute())))
        .isEqualTo("it crashed the process that tried it while starting (exit status 9)");
  }

  @Test
  void aChildThatGotNoProcessorIsTriedTwice() throws Exception {
    var waiting = Duration.ofSeconds(2);

    assertThat(reason(judge(Children.Sleepy.class, TinyModels.linear(4, 3), waiting)))
        .startsWith("it was not done within 2 s while sleeping")
        .contains("tried twice")
        .contains("millrace validate");
    assertThat(judge(Children.SecondTime.class, TinyModels.linear(4, 3), waiting))
        .isEqualTo(new Verdict.Rejected("in the second child"));
  }

  @Test
  @Timeout(30)
  void aChildThatHasAnsweredIsNotWaitedFor() throws Exception {
    var longer = Duration.ofMinutes(5);

    assertThat(judge(Children.Lingering.class, TinyModels.linear(4, 3), longer))
        .isEqualTo(new Verdict.Rejected("while others wait"));
  }

  @Test
  void aFurtherCheckHasItsWordInTheChild() throws Exception {
    assertThat(judge(Children.Checking.class, TinyModels.linear(4, 3), minute()))
        .isEqualTo(new Verdict.Rejected("x is no word"));
    assertThat(reason(judge(Children.CrashingCheck.class, TinyModels.linear(4, 3), minute())))
        .startsWith("it crashed the process that tried it while checking further");
  }

  @Test
  void aChildThatEatsMemoryIsStopped() throws Exception {
    assertThat(reason(judge(Children.Greedy.class, TinyModels.linear(4, 3), minute())))
        .startsWith("it took more than 0.5 GiB of memory while eating");
  }

  @Test
  void aChildThatCannotTryIsNoVerdict() {
    assertThatThrownBy(() -> judge(Children.Unable.class, TinyModels.linear(4, 3), minute()))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the admission process could not do its work (status 70): no library on this machine");
  }

  @Test
  void anInterruptedCallerLeavesNoChild() throws Exception {
    var probing = new CompletableFuture<Verdict>();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    byte[] endless = TinyModels.slow(Integer.MAX_VALUE);
                    probing.complete(judge(ProbeMain.class, endless, minute()));
                  } catch (IOException | InterruptedException ended) {
                    probing.completeExceptionally(ended);
                  }
                });
    await().until(() -> !children().isEmpty());

    caller.interrupt();

    assertThatThrownBy(probing::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    await().until(() -> children().isEmpty());
  }

  @Test
  void foldersOfKilledProcessesAreSweptAway() throws Exception {
    Path stale = Files.createDirectories(folder.resolve("work/probe-stale"));
    Files.writeString(stale.resolve("answer.json"), "{}");
    Files.setLastModifiedTime(stale, FileTime.from(Instant.now().minus(Duration.ofHours(1))));

    judge(Children.Telling.class, TinyModels.linear(4, 3), minute());

    assertThat(stale).doesNotExist();
  }

  @Test
  void theChildSeesNoSecretOfItsParent() throws Exception {
    Verdict verdict = judge(Children.Telling.class, TinyModels.linear(4, 3), minute());

    assertThat(reason(verdict)).doesNotContain("MILLRACE").doesNotContain("HOME=");
  }

  private Verdict judge(Class<?> main, byte[] onnx, Duration timeout)
      throws IOException, InterruptedException {
    Path model = Files.write(folder.resolve("model.onnx"), onnx);
    var child = new ChildOptions(folder.resolve("work"), timeout, MEMORY, 1);
    return new ChildProbe(OPTIONS, child, new ChildProgram(main, List.of()))
        .probe(new AdmissionProbe.Subject(model, "sha256:00", Map.of()));
  }

  private static String reason(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
    return ((Verdict.Rejected) verdict).reason();
  }

  private static Duration minute() {
    return Duration.ofMinutes(1);
  }

  private static List<ProcessHandle> children() {
    return ProcessHandle.current().children().toList();
  }
}
