package dev.millrace.runtime.engine;

import static dev.millrace.runtime.engine.TestModels.floats;
import static dev.millrace.runtime.engine.TestModels.load;
import static dev.millrace.runtime.engine.TestModels.request;
import static dev.millrace.runtime.engine.TestModels.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.runtime.engine.ModelExecutionException.Kind;
import dev.millrace.testkit.onnx.TinyModels;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunHandleTest {
  /** Many minutes of work, if nobody stopped it. */
  private static final int ENDLESS = 2_000_000_000;

  private final DirectMemoryPool pool = new DirectMemoryPool(1 << 20);

  @AfterEach
  void everyBlockIsGivenBack() {
    assertThat(pool.outstandingBytes()).isZero();
  }

  @Test
  void stopsARunFromAnotherThread() throws Exception {
    try (OnnxModel model = load(TinyModels.slow(ENDLESS))) {
      var runner = new BatchRunner(model, pool);
      ModelRequest request = request(model.signature(), floats("x", shape(1, 4), 1, 2, 3, 4));
      var handle = new RunHandle();
      var failure = new CompletableFuture<ModelExecutionException>();
      Thread dispatcher =
          Thread.ofPlatform()
              .start(
                  () ->
                      failure.complete(
                          catchThrowableOfType(
                              ModelExecutionException.class,
                              () -> runner.execute(List.of(request), handle))));
      await().until(() -> OnnxEngineTest.isInsideOnnxRuntime(dispatcher));

      handle.cancel();
      handle.cancel();

      await().atMost(Duration.ofSeconds(10)).until(failure::isDone);
      assertThat(failure.join().kind()).isEqualTo(Kind.CANCELLED);
      assertThat(failure.join().toMillraceException().code()).isEqualTo(ErrorCode.CLIENT_CLOSED);
      assertThat(handle.cancelled()).isTrue();
    }
  }

  @Test
  void aCancelledHandleLetsNothingRunAnyMore() throws Exception {
    try (OnnxModel model = load(TinyModels.linear(4, 3))) {
      var runner = new BatchRunner(model, pool);
      ModelRequest request = request(model.signature(), floats("x", shape(1, 4), 1, 2, 3, 4));
      var handle = new RunHandle();
      handle.cancel();

      var failure =
          catchThrowableOfType(
              ModelExecutionException.class, () -> runner.execute(List.of(request), handle));

      assertThat(failure.kind()).isEqualTo(Kind.CANCELLED);
    }
  }

  @Test
  void theNextBatchRunsUnderTheSameOptions() throws Exception {
    try (OnnxModel model = load(TinyModels.linear(4, 3))) {
      var runner = new BatchRunner(model, pool);
      ModelRequest request = request(model.signature(), floats("x", shape(1, 4), 1, 2, 3, 4));
      for (int i = 0; i < 3; i++) {
        var handle = new RunHandle();
        runner.execute(List.of(request, request), handle).forEach(ModelResult::close);
        // Too late for this batch, and it must not hit the next one.
        handle.cancel();
      }
    }
  }

  @Test
  void aRunThatWasStoppedLeavesTheModelUsable() throws Exception {
    try (OnnxModel model = load(TinyModels.slow(20_000))) {
      var runner = new BatchRunner(model, pool);
      ModelRequest request = request(model.signature(), floats("x", shape(1, 4), 1, 2, 3, 4));
      for (int i = 0; i < 5; i++) {
        var handle = new RunHandle();
        Thread canceller = Thread.ofPlatform().start(handle::cancel);
        try {
          runner.execute(List.of(request), handle).forEach(ModelResult::close);
        } catch (ModelExecutionException stopped) {
          assertThat(stopped.kind()).isEqualTo(Kind.CANCELLED);
        }
        canceller.join();
        try (ModelResult next = runner.execute(List.of(request), new RunHandle()).get(0)) {
          assertThat(floats(next.outputs().get(0))).containsExactly(1, 2, 3, 4);
        }
      }
    }
  }
}
