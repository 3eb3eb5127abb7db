package dev.millrace.runtime.batching;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Executes one batch taken from the queue. When a batch of several fails it is split in halves,
 * each tried again without the requests that ended meanwhile, so that of n requests with one at
 * fault the others cost at most 2·log2(n) more executions. Confined to one dispatcher thread.
 */
final class BatchRun<P, R> {
  /** Ends requests under the scheduler's lock and completes them outside of it. */
  interface Completion<P, R> {
    /** An execution of those that somebody still waits for; null when nobody does. */
    @Nullable Execution<P, R> begin(List<QueuedRequest<P, R>> entries);

    /** Gives each request of one successful execution its result, in order. */
    void succeeded(Execution<P, R> execution, List<R> results, long nanos);

    /** Gives each request the failure. */
    void failed(Execution<P, R> execution, Throwable failure);
  }

  private final BatchExecutor<P, R> executor;
  private final Completion<P, R> completion;
  private final Ticker ticker;
  private int executions;

  BatchRun(BatchExecutor<P, R> executor, Completion<P, R> completion, Ticker ticker) {
    this.executor = executor;
    this.completion = completion;
    this.ticker = ticker;
  }

  /** Runs the batch to the end; never throws. The number of executions it took. */
  int run(List<QueuedRequest<P, R>> batch) {
    execute(batch);
    return executions;
  }

  private void execute(List<QueuedRequest<P, R>> entries) {
    Execution<P, R> execution = completion.begin(entries);
    if (execution == null) {
      return;
    }
    List<P> payloads = payloads(execution.entries);
    executions++;
    long started = ticker.nanoTime();
    List<R> results;
    try {
      results = executor.execute(payloads, execution.termination);
    } catch (Exception failure) {
      execution.termination.finish();
      fail(execution, failure);
      return;
    } catch (Throwable error) {
      // Out of memory and the like: callers must not hang, and the dispatcher must live on.
      execution.termination.finish();
      completion.failed(execution, error);
      return;
    }
    execution.termination.finish();
    String mismatch = mismatch(execution.entries, results);
    if (mismatch == null) {
      completion.succeeded(execution, results, ticker.nanoTime() - started);
    } else {
      completion.failed(execution, new IllegalStateException(mismatch));
    }
  }

  private static <P, R> List<P> payloads(List<QueuedRequest<P, R>> entries) {
    if (entries.size() == 1) {
      return List.of(entries.get(0).request.payload());
    }
    var payloads = new ArrayList<P>(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      payloads.add(entries.get(i).request.payload());
    }
    return payloads;
  }

  private void fail(Execution<P, R> execution, Exception failure) {
    List<QueuedRequest<P, R>> entries = execution.entries;
    boolean nobodyWaits = execution.termination.isTerminated();
    if (entries.size() == 1 || nobodyWaits || !worthSplitting(failure)) {
      completion.failed(execution, failure);
      return;
    }
    int middle = entries.size() / 2;
    execute(entries.subList(0, middle));
    execute(entries.subList(middle, entries.size()));
  }

  private boolean worthSplitting(Exception failure) {
    try {
      return executor.worthSplitting(failure);
    } catch (RuntimeException broken) {
      return false;
    }
  }

  private @Nullable String mismatch(List<QueuedRequest<P, R>> batch, @Nullable List<R> results) {
    if (results != null && results.size() == batch.size()) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        "the executor returned %s results for %d requests",
        results == null ? "no" : results.size(),
        batch.size());
  }
}
