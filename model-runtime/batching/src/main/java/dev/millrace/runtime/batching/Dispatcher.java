package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.DispatcherPark.Seat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One dispatcher thread's loop: take a batch, execute it, hand out the results, until the scheduler
 * stops.
 */
final class Dispatcher<P, R> implements Runnable {
  private final SchedulerCore<P, R> core;
  private final BatchExecutor<P, R> executor;
  private final BatchListener listener;
  private final Endings<P, R> endings;
  private final Ticker ticker;
  private final @Nullable ResultOrder order;

  /**
   * A loop for one thread.
   *
   * @param order lets results out in order; null to let each out when it is there
   */
  Dispatcher(
      SchedulerCore<P, R> core,
      BatchExecutor<P, R> executor,
      BatchListener listener,
      Ticker ticker,
      @Nullable ResultOrder order) {
    this.core = core;
    this.executor = executor;
    this.listener = listener;
    this.endings = new Endings<>(listener);
    this.ticker = ticker;
    this.order = order;
  }

  @Override
  public void run() {
    Seat seat = core.newSeat();
    for (var batch = core.take(seat); batch != null; batch = core.take(seat)) {
      try {
        execute(batch);
      } catch (RuntimeException | Error bug) {
        // A listener or discard() that throws must be seen, and must not end the thread.
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, bug);
      } finally {
        retire(batch);
      }
    }
  }

  /** After its results, which may have to wait for their turn. */
  private void retire(Batch<P, R> batch) {
    if (order == null) {
      core.retire(batch);
    } else {
      order.tell(batch.number, () -> core.retire(batch));
      order.complete(batch.number);
    }
  }

  private void execute(Batch<P, R> batch) {
    for (QueuedRequest<P, R> late : batch.hopeless) {
      endings.end(late, Reason.DEADLINE_EXCEEDED, BatchStage.QUEUE);
    }
    long started = ticker.nanoTime();
    var queueNanos = new long[batch.entries.size()];
    for (int i = 0; i < queueNanos.length; i++) {
      queueNanos[i] = started - batch.entries.get(i).arrivalNanos;
    }
    var answers = new Answers(batch, started);
    int executions = new BatchRun<>(executor, answers, ticker).run(batch.entries);
    long computeNanos = ticker.nanoTime() - started;
    if (answers.terminated && batch.predictedNanos != LatencyCurve.UNKNOWN) {
      listener.terminated(Math.max(0, batch.predictedNanos - computeNanos));
    } else if (answers.terminated) {
      listener.terminated(0);
    }
    listener.dispatched(
        new BatchReport(
            queueNanos.length,
            batch.rows,
            queueNanos,
            computeNanos,
            executions,
            batch.paddingRatio()));
  }

  private final class Answers implements BatchRun.Completion<P, R> {
    private final Batch<P, R> batch;
    private final long started;
    private boolean terminated;

    Answers(Batch<P, R> batch, long started) {
      this.batch = batch;
      this.started = started;
    }

    @Override
    public @Nullable Execution<P, R> begin(List<QueuedRequest<P, R>> entries) {
      return core.begin(entries);
    }

    @Override
    public void succeeded(Execution<P, R> execution, List<R> results, long nanos) {
      core.measured(execution, nanos);
      if (order == null) {
        complete(execution, results);
      } else {
        order.tell(batch.number, () -> complete(execution, results));
      }
    }

    @Override
    public void failed(Execution<P, R> execution, Throwable failure) {
      terminated |= execution.termination.isTerminated();
      // A failure need not wait for its turn: nobody can mistake it for another one's result.
      boolean[] claimed = core.claim(execution.entries);
      for (int i = 0; i < claimed.length; i++) {
        if (claimed[i]) {
          execution.entries.get(i).future.completeExceptionally(failure);
        }
      }
    }

    private void complete(Execution<P, R> execution, List<R> results) {
      long computeNanos = ticker.nanoTime() - started;
      List<QueuedRequest<P, R>> entries = execution.entries;
      boolean[] claimed = core.claim(entries);
      for (int i = 0; i < claimed.length; i++) {
        QueuedRequest<P, R> entry = entries.get(i);
        R result = results.get(i);
        if (claimed[i]) {
          var timing =
              new BatchTiming(
                  started - entry.arrivalNanos, computeNanos, claimed.length, execution.rows);
          entry.future.complete(new BatchResult<>(result, timing));
        } else {
          executor.discard(result);
        }
      }
    }
  }
}
