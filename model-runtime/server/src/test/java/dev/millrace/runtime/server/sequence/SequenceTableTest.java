package dev.millrace.runtime.server.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.BatchResult;
import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import dev.millrace.runtime.server.replica.Replica;
import dev.millrace.runtime.server.replica.ServingOptions;
import dev.millrace.runtime.server.text.TextTask;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class SequenceTableTest {
  private static final Signature SIGNATURE =
      new Signature(
          List.of(signature("x"), signature("state")), List.of(signature("y"), signature("next")));

  private long now;
  private String endpoint = "sum";
  private final RunningSum replica = new RunningSum();
  private final SequenceTable table =
      new SequenceTable(new SequenceTable.Limits(Duration.ofSeconds(10), 3, 1_000), () -> now);

  private static TensorSignature signature(String name) {
    return new TensorSignature(
        name, DataType.FP32, List.of(Dimension.symbolic("batch"), Dimension.fixed(1)), 0);
  }

  /** {@code y = next = x + state}; a test ends each run by hand. */
  private static final class RunningSum implements Replica {
    final Queue<Run> runs = new ArrayDeque<>();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    record Run(InferRequest request, CompletableFuture<BatchResult<ModelResult>> result) {
      float state() {
        return Tensors.floatArray(input("state"))[0];
      }

      Tensor input(String name) {
        return request.inputs().stream()
            .filter(tensor -> tensor.name().equals(name))
            .findFirst()
            .orElseThrow();
      }

      void succeed() {
        float sum = state() + Tensors.floatArray(input("x"))[0];
        var outputs =
            request.outputs().stream()
                .map(output -> Tensors.float32(output.name(), new float[] {sum}, 1, 1))
                .toList();
        result.complete(
            new BatchResult<>(ModelResult.ofHeap(outputs), new BatchTiming(0, 0, 1, 1)));
      }
    }

    @Override
    public VersionEntry version() {
      return new VersionEntry(
          new VersionKey("default", "sum", 1),
          "sha256:0",
          VersionState.READY,
          SIGNATURE,
          ModelManifest.EMPTY,
          List.of());
    }

    @Override
    public Signature signature() {
      return SIGNATURE;
    }

    @Override
    public ServingOptions serving() {
      throw new UnsupportedOperationException("not asked for");
    }

    @Override
    public void serve(ServingOptions serving) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<TextTask> text() {
      return Optional.empty();
    }

    @Override
    public Optional<StatePlan> states() {
      return StatePlan.of(SIGNATURE, Map.of("state", "next"));
    }

    @Override
    public ReplicaMeters meters() {
      return new RuntimeMetrics(registry).replica(version().key());
    }

    @Override
    public Optional<String> outOfService() {
      return Optional.empty();
    }

    @Override
    public int queueDepth() {
      return 0;
    }

    @Override
    public Submission<ModelResult> submit(InferRequest request, Terms terms) {
      var run = new Run(request, new CompletableFuture<>());
      runs.add(run);
      return new Submission<>() {
        @Override
        public CompletionStage<BatchResult<ModelResult>> result() {
          return run.result();
        }

        @Override
        public long arrivalNanos() {
          return 0;
        }

        @Override
        public long queueNanos() {
          return -1;
        }

        @Override
        public boolean cancel() {
          return run.result()
              .completeExceptionally(MillraceException.of(ErrorCode.CLIENT_CLOSED, "gone"));
        }
      };
    }

    @Override
    public void close() {
      // Nothing is held.
    }

    @Override
    public CompletionStage<Void> freed() {
      return CompletableFuture.completedFuture(null);
    }
  }

  private Submission<ModelResult> ask(Object id, float x, String... flags) {
    var parameters = new HashMap<String, Object>();
    parameters.put("sequence_id", id);
    for (String flag : flags) {
      parameters.put("sequence_" + flag, true);
    }
    return submit(parameters, x).orElseThrow();
  }

  private Optional<Submission<ModelResult>> submit(Map<String, Object> parameters, float x) {
    var input = Tensors.float32("x", new float[] {x}, 1, 1);
    var request = new InferRequest("sum", "", "", parameters, List.of(input), List.of());
    return table.submit(replica, endpoint, request, Terms.NONE);
  }

  private void runOne() {
    replica.runs.remove().succeed();
  }

  private static float answer(Submission<ModelResult> submission) {
    var outputs = submission.result().toCompletableFuture().join().value().outputs();
    assertThat(outputs).extracting(Tensor::name).containsExactly("y");
    return Tensors.floatArray(outputs.getFirst())[0];
  }

  private static ErrorCode failure(Submission<ModelResult> submission) {
    var failed = catchThrowable(() -> submission.result().toCompletableFuture().join());
    assertThat(failed).isInstanceOf(CompletionException.class);
    return ((MillraceException) failed.getCause()).code();
  }

  @Test
  void eachRequestGetsWhatTheOneBeforeLeft() {
    var first = ask(7L, 1, "start");
    runOne();
    var second = ask(7L, 10);
    runOne();
    var other = ask("seven", 5, "start");
    runOne();
    var last = ask(7L, 100, "end");
    runOne();

    assertThat(answer(first)).isEqualTo(1);
    assertThat(answer(second)).isEqualTo(11);
    assertThat(answer(other)).isEqualTo(5);
    assertThat(answer(last)).isEqualTo(111);
    assertThat(table.size()).isOne();
    assertThatThrownBy(() -> ask(7L, 1)).hasMessageContaining("sequence '7'");
  }

  @Test
  void twoEndpointsOfOneVersionShareNoSequence() {
    ask(7L, 1, "start");
    runOne();
    endpoint = "another";
    assertThatThrownBy(() -> ask(7L, 1)).hasMessageContaining("of 'another'");
    var other = ask(7L, 5, "start");
    runOne();
    assertThat(answer(other)).isEqualTo(5);
    endpoint = "sum";
    var first = ask(7L, 1);
    runOne();
    assertThat(answer(first)).isEqualTo(2);
  }

  @Test
  void requestsOfOneSequenceRunOneAfterAnother() {
    var first = ask(1L, 1, "start");
    var second = ask(1L, 2);
    var third = ask(1L, 3);
    assertThat(replica.runs).hasSize(1);
    runOne();
    assertThat(replica.runs).hasSize(1);
    runOne();
    runOne();
    assertThat(answer(first)).isEqualTo(1);
    assertThat(answer(second)).isEqualTo(3);
    assertThat(answer(third)).isEqualTo(6);
  }

  @Test
  void aRequestThatFailsOrIsCancelledChangesNothing() {
    ask(1L, 1, "start");
    runOne();
    var failing = ask(1L, 50);
    var waiting = ask(1L, 60);
    var next = ask(1L, 2);
    assertThat(waiting.cancel()).isTrue();
    replica
        .runs
        .remove()
        .result()
        .completeExceptionally(MillraceException.of(ErrorCode.MODEL_EXECUTION_FAILED, "it broke"));
    assertThat(replica.runs).hasSize(1);
    runOne();
    assertThat(failure(failing)).isEqualTo(ErrorCode.MODEL_EXECUTION_FAILED);
    assertThat(failure(waiting)).isEqualTo(ErrorCode.CLIENT_CLOSED);
    assertThat(answer(next)).isEqualTo(3);
    assertThat(replica.registry.get("millrace.cancelled").tag("stage", "queue").counter().count())
        .isEqualTo(1);
  }

  @Test
  void aSequenceWhoseFirstRequestFailsIsNotOpen() {
    var first = ask(1L, 1, "start");
    var second = ask(1L, 2);
    assertThat(first.cancel()).isTrue();
    assertThat(failure(second)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(replica.runs).hasSize(1);
    assertThat(table.size()).isZero();
  }

  @Test
  void startBeginsAnewAndWhatFollowsTheEndMustStart() {
    ask(1L, 1, "start");
    runOne();
    var again = ask(1L, 5, "start", "end");
    var after = ask(1L, 6);
    runOne();
    assertThat(answer(again)).isEqualTo(5);
    assertThat(failure(after)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(table.size()).isZero();
    assertThat(table.bytes()).isZero();
  }

  @Test
  void idleSequencesAreForgottenAndRunningOnesAreNot() {
    ask(1L, 1, "start");
    runOne();
    ask(2L, 1, "start");
    now = Duration.ofSeconds(10).toNanos();
    table.sweep();
    assertThat(table.size()).isOne();
    assertThat(table.expired()).isOne();
    assertThat(table.bytes()).isZero();
    runOne();
    assertThat(table.bytes()).isEqualTo(4);
    assertThatThrownBy(() -> ask(1L, 1)).hasMessageContaining("sequence '1'");
  }

  @Test
  void thereIsRoomForSoManyAndNoMore() {
    for (long id = 1; id <= 3; id++) {
      ask(id, 1, "start");
    }
    assertThatThrownBy(() -> ask(4L, 1, "start"))
        .isInstanceOfSatisfying(
            MillraceException.class,
            full -> assertThat(full.code()).isEqualTo(ErrorCode.OVERLOADED));
    for (int i = 0; i < 64; i++) {
      ask(1L, 1);
    }
    assertThatThrownBy(() -> ask(1L, 1)).hasMessageContaining("64 requests");
  }

  @Test
  void otherRequestsAreLeftAlone() {
    assertThat(submit(Map.of(), 1)).isEmpty();
    assertThat(submit(Map.of("sequence_id", 0L), 1)).isEmpty();
    assertThat(submit(Map.of("sequence_id", ""), 1)).isEmpty();
    assertThatThrownBy(() -> submit(Map.of("sequence_start", true), 1))
        .hasMessageContaining("sequence_id");
    assertThatThrownBy(() -> submit(Map.of("sequence_id", -1L), 1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> submit(Map.of("sequence_id", 1L, "sequence_end", "yes"), 1))
        .hasMessageContaining("sequence_end");
  }
}
