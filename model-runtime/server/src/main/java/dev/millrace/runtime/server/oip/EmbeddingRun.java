package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.BatchResult;
import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.replica.Replica;
import dev.millrace.runtime.server.text.EmbeddingTask;
import dev.millrace.runtime.server.text.Tokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The texts of one call, each a request of its own so that texts of several callers share batches.
 * Only a window of them is queued at a time: one call with many texts must not fill the queue.
 * Equal lengths go next to each other, since they batch best.
 */
final class EmbeddingRun {
  private final Replica replica;
  private final EmbeddingTask task;
  private final List<Tokens> texts;
  private final Terms terms;
  private final int[] order;
  private final float[][] vectors;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicReference<BatchTiming> longest =
      new AtomicReference<>(new BatchTiming(0, 0, 0, 0));
  private final Set<Submission<ModelResult>> waiting = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<List<float[]>> result = new CompletableFuture<>();

  EmbeddingRun(Replica replica, EmbeddingTask task, List<Tokens> texts, Terms terms) {
    this.replica = replica;
    this.task = task;
    this.texts = texts;
    this.terms = terms;
    this.vectors = new float[texts.size()][];
    this.order =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> texts.get(i).ids().length))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /** One vector a text, in the order of the texts; the first failure ends all. */
  CompletableFuture<List<float[]>> start(Cancellation cancellation) {
    var batching = replica.serving().batching();
    int window = Math.max(1, Math.min(2 * batching.maxBatch(), batching.maxQueue() / 2));
    cancellation.onCancel(this::giveUp);
    for (int i = 0; i < Math.min(window, texts.size()); i++) {
      launch();
    }
    return result;
  }

  /** The longest times among the texts: what the call waited for. */
  BatchTiming timing() {
    return longest.get();
  }

  private void launch() {
    int position = next.getAndIncrement();
    if (position >= order.length || result.isDone()) {
      return;
    }
    int index = order[position];
    try {
      Submission<ModelResult> submission = replica.submit(request(index), terms);
      waiting.add(submission);
      submission
          .result()
          .whenComplete((answer, failure) -> finished(submission, index, answer, failure));
      if (result.isDone()) {
        submission.cancel();
      }
    } catch (RuntimeException refused) {
      fail(refused);
    }
  }

  private InferRequest request(int index) {
    return new InferRequest(
        "",
        "",
        "",
        Map.of(),
        task.inputs(texts.get(index)),
        List.of(new RequestedOutput(task.outputName(), Map.of())));
  }

  private void finished(
      Submission<ModelResult> submission,
      int index,
      @Nullable BatchResult<ModelResult> answer,
      @Nullable Throwable failure) {
    waiting.remove(submission);
    if (answer == null) {
      fail(failure == null ? new IllegalStateException("no answer") : failure);
      return;
    }
    try (ModelResult outputs = answer.value()) {
      vectors[index] = task.embedding(outputs.outputs(), texts.get(index));
    } catch (RuntimeException broken) {
      fail(broken);
      return;
    }
    longest.accumulateAndGet(answer.timing(), EmbeddingRun::longer);
    if (done.incrementAndGet() == order.length) {
      result.complete(new ArrayList<>(Arrays.asList(vectors)));
    } else {
      launch();
    }
  }

  private void fail(Throwable failure) {
    result.completeExceptionally(failure);
    giveUp();
  }

  private void giveUp() {
    next.set(order.length);
    waiting.forEach(Submission::cancel);
  }

  private static BatchTiming longer(BatchTiming a, BatchTiming b) {
    return new BatchTiming(
        Math.max(a.queueNanos(), b.queueNanos()),
        Math.max(a.computeNanos(), b.computeNanos()),
        Math.max(a.batchRequests(), b.batchRequests()),
        Math.max(a.batchRows(), b.batchRows()));
  }
}
