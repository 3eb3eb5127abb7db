package dev.millrace.runtime.server.sequence;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.BatchResult;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.replica.Replica;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One request of a sequence, waiting for the ones before it or running. Thread-safe. */
final class Turn implements Submission<ModelResult> {
  final Replica replica;
  final InferRequest request;
  final Terms terms;
  final SequenceCall call;
  final CompletableFuture<BatchResult<ModelResult>> answer = new CompletableFuture<>();

  private final long arrival = System.nanoTime();
  private boolean cancelled;
  private @Nullable Submission<ModelResult> submission;

  Turn(Replica replica, InferRequest request, Terms terms, SequenceCall call) {
    this.replica = replica;
    this.request = request;
    this.terms = terms;
    this.call = call;
  }

  /** It runs; a cancel from before reaches it now. */
  void runs(Submission<ModelResult> running) {
    boolean late;
    synchronized (this) {
      submission = running;
      late = cancelled;
    }
    if (late) {
      running.cancel();
    }
  }

  @Override
  public CompletionStage<BatchResult<ModelResult>> result() {
    return answer;
  }

  @Override
  public long arrivalNanos() {
    return arrival;
  }

  @Override
  public long queueNanos() {
    Submission<ModelResult> running;
    synchronized (this) {
      running = submission;
    }
    long queued = running == null ? -1 : running.queueNanos();
    return running == null || queued < 0 ? -1 : running.arrivalNanos() - arrival + queued;
  }

  @Override
  public boolean cancel() {
    Submission<ModelResult> running;
    synchronized (this) {
      cancelled = true;
      running = submission;
    }
    if (running != null) {
      return running.cancel();
    }
    // One that still waits is passed over when its turn comes.
    boolean ended =
        answer.completeExceptionally(
            MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away")
                .withDetail("stage", "queue"));
    if (ended) {
      replica.meters().cancelled(ReplicaMeters.Stage.QUEUE);
    }
    return ended;
  }
}
