package dev.millrace.runtime.server.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.error.OpenAiErrors;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.RequestedOutput;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.BatchResult;
import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.batching.Submission;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.server.cache.CacheStatus;
import dev.millrace.runtime.server.cache.CachedAnswer;
import dev.millrace.runtime.server.cache.Fresh;
import dev.millrace.runtime.server.cache.ResponseCache;
import dev.millrace.runtime.server.cache.Run;
import dev.millrace.runtime.server.metrics.ReplicaMeters;
import dev.millrace.runtime.server.openai.TextPlan;
import dev.millrace.runtime.server.replica.Replica;
import dev.millrace.runtime.server.text.TextTask;
import dev.millrace.runtime.server.text.Tokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The texts (or pairs) of one call, each a request of its own so that texts of several callers
 * share batches. Only a window of them is queued at a time: one call with many texts must not fill
 * the queue. Equal lengths go next to each other, since they batch best.
 */
final class TextRun {
  private final Replica replica;
  private final TextTask task;
  private final List<Tokens> texts;
  private final IntFunction<String> place;
  private final Terms terms;
  private final int[] order;
  private final float[][] values;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicReference<BatchTiming> longest =
      new AtomicReference<>(new BatchTiming(0, 0, 0, 0));
  private final Set<Run<Fresh>> waiting = ConcurrentHashMap.newKeySet();
  private final TextCache cache;
  private final CompletableFuture<List<float[]>> result = new CompletableFuture<>();

  /**
   * A run that has not begun; for a worker thread, since it may hash all texts.
   *
   * @param answers of the endpoint; null when nothing is kept
   */
  TextRun(Replica replica, TextPlan plan, Terms terms, @Nullable ResponseCache answers) {
    this.replica = replica;
    this.task = replica.text().orElseThrow();
    this.texts = plan.rows();
    this.place = plan.place();
    this.terms = terms;
    this.values = new float[texts.size()][];
    this.cache = TextCache.of(answers, replica, texts, values);
    this.order =
        IntStream.range(0, texts.size())
            .filter(i -> values[i] == null)
            .boxed()
            .sorted(Comparator.comparingInt(i -> texts.get(i).ids().length))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /**
   * The numbers of each text, in the order of the texts; the first failure ends all and says which
   * text it was where that matters.
   */
  CompletableFuture<List<float[]>> start(Cancellation cancellation) {
    var batching = replica.serving().batching();
    int window = Math.max(1, Math.min(2 * batching.maxBatch(), batching.maxQueue() / 2));
    if (order.length == 0) {
      result.complete(new ArrayList<>(Arrays.asList(values)));
    }
    cancellation.onCancel(this::abandon);
    for (int i = 0; i < Math.min(window, order.length); i++) {
      launch();
    }
    return result;
  }

  /** How the call met the cache of its endpoint. */
  CacheStatus status() {
    return cache.status();
  }

  /** The longest times among the texts: what the call waited for. */
  BatchTiming timing() {
    return longest.get();
  }

  /** Also ends a call none of whose texts is queued just now. */
  private void abandon() {
    boolean noneQueued = next.getAndSet(order.length) == 0;
    giveUp();
    boolean ended =
        result.completeExceptionally(
            MillraceException.of(ErrorCode.CLIENT_CLOSED, "the caller went away"));
    if (noneQueued && ended) {
      replica.meters().cancelled(ReplicaMeters.Stage.ADMISSION);
    }
  }

  private void launch() {
    int position = next.getAndIncrement();
    if (position >= order.length || result.isDone()) {
      return;
    }
    int index = order[position];
    try {
      Run<Fresh> run = cache.run(index, terms, () -> compute(texts.get(index)));
      waiting.add(run);
      run.result().whenComplete((answer, failure) -> finished(run, index, answer, failure));
      if (result.isDone()) {
        run.cancel();
      }
    } catch (RuntimeException refused) {
      fail(index, refused);
    }
  }

  private Run<Fresh> compute(Tokens text) {
    var request =
        new InferRequest(
            "",
            "",
            "",
            Map.of(),
            task.inputs(text),
            List.of(new RequestedOutput(task.outputName(), Map.of())));
    Submission<ModelResult> submission = replica.submit(request, terms);
    return new Computation(
        submission.result().thenApply(answer -> numbers(answer, text)), submission::cancel);
  }

  private Fresh numbers(BatchResult<ModelResult> answer, Tokens text) {
    try (ModelResult outputs = answer.value()) {
      return new Fresh(
          new CachedAnswer.Numbers(task.values(outputs.outputs(), text)), answer.timing());
    }
  }

  private record Computation(CompletionStage<Fresh> result, Runnable giveUp) implements Run<Fresh> {
    @Override
    public void cancel() {
      giveUp.run();
    }
  }

  private void finished(
      Run<Fresh> run, int index, @Nullable Fresh answer, @Nullable Throwable failure) {
    waiting.remove(run);
    if (answer == null) {
      fail(index, failure == null ? new IllegalStateException("no answer") : failure);
      return;
    }
    values[index] = cache.answered(run, answer);
    longest.accumulateAndGet(answer.timing(), TextRun::longer);
    if (done.incrementAndGet() == order.length) {
      result.complete(new ArrayList<>(Arrays.asList(values)));
    } else {
      launch();
    }
  }

  private void fail(int index, Throwable failure) {
    result.completeExceptionally(named(index, failure));
    giveUp();
  }

  /** A text that the model does not take is named; a full queue is no text's fault. */
  private Throwable named(int index, Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    MillraceException known =
        switch (cause) {
          case MillraceException refused -> refused;
          case ModelExecutionException failed -> failed.toMillraceException();
          default -> null;
        };
    if (known == null || known.code() != ErrorCode.INVALID_ARGUMENT) {
      return cause;
    }
    String where = place.apply(index);
    int bracket = where.indexOf('[');
    MillraceException named =
        MillraceException.of(known.code(), where + ": " + known.message())
            .withDetail("index", index)
            .withDetail(
                OpenAiErrors.PARAM_DETAIL, bracket < 0 ? where : where.substring(0, bracket));
    for (var detail : known.details().entrySet()) {
      named = named.withDetail(detail.getKey(), detail.getValue());
    }
    return named;
  }

  private void giveUp() {
    next.set(order.length);
    waiting.forEach(Run::cancel);
  }

  private static BatchTiming longer(BatchTiming a, BatchTiming b) {
    return new BatchTiming(
        Math.max(a.queueNanos(), b.queueNanos()),
        Math.max(a.computeNanos(), b.computeNanos()),
        Math.max(a.batchRequests(), b.batchRequests()),
        Math.max(a.batchRows(), b.batchRows()));
  }
}
