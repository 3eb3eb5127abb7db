package dev.millrace.runtime.batching;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Executes one batch taken from the queue. When a batch of several fails it is split in halves,
 * each tried again without the requests that ended meanwhile, so that of n requests with one at
 * fault the others cost at most 2·log2(n) more executions. Confined to one dispatcher thread.
 */
final class BatchRun<P, R> {
  /** Ends requests under the scheduler's lock and completes them outside of it. */
  interface Completion<P, R> {
    /** Whether somebody still waits for the request. */
    boolean wanted(QueuedRequest<P, R> entry);

    /** Gives each request of one successful execution its result, in order. */
    void succeeded(List<QueuedRequest<P, R>> entries, List<R> results, int rows);

    /** Gives each request the failure. */
    void failed(List<QueuedRequest<P, R>> entries, Throwable failure);
  }

  private final BatchExecutor<P, R> executor;
  private final Completion<P, R> completion;
  private int executions;

  BatchRun(BatchExecutor<P, R> executor, Completion<P, R> completion) {
    this.executor = executor;
    this.completion = completion;
  }

  /** Runs the batch to the end; never throws. The number of executions it took. */
  int run(List<QueuedRequest<P, R>> batch) {
    execute(batch);
    return executions;
  }

  private void execute(List<QueuedRequest<P, R>> batch) {
    var payloads = new ArrayList<P>(batch.size());
    int rows = 0;
    for (QueuedRequest<P, R> entry : batch) {
      payloads.add(entry.request.payload());
      rows += entry.request.rows();
    }
    executions++;
    List<R> results;
    try {
      results = executor.execute(payloads);
    } catch (Exception failure) {
      fail(batch, failure);
      return;
    } catch (Throwable error) {
      // Out of memory and the like: callers must not hang, and the dispatcher must live on.
      completion.failed(batch, error);
      return;
    }
    String mismatch = mismatch(batch, results);
    if (mismatch == null) {
      completion.succeeded(batch, results, rows);
    } else {
      completion.failed(batch, new IllegalStateException(mismatch));
    }
  }

  private void fail(List<QueuedRequest<P, R>> batch, Exception failure) {
    if (batch.size() == 1 || !worthSplitting(failure)) {
      completion.failed(batch, failure);
      return;
    }
    int middle = batch.size() / 2;
    executeWanted(batch.subList(0, middle));
    executeWanted(batch.subList(middle, batch.size()));
  }

  private void executeWanted(List<QueuedRequest<P, R>> half) {
    List<QueuedRequest<P, R>> wanted = half.stream().filter(completion::wanted).toList();
    if (!wanted.isEmpty()) {
      execute(wanted);
    }
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
        java.util.Locale.ROOT,
        "the executor returned %s results for %d requests",
        results == null ? "no" : results.size(),
        batch.size());
  }
}
