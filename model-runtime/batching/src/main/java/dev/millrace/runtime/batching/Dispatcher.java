package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.DispatcherPark.Seat;
import java.util.List;

/**
 * One dispatcher thread's loop: take a batch, execute it, hand out the results, until the scheduler
 * stops.
 */
final class Dispatcher<P, R> implements Runnable {
  private final BatchScheduler<P, R> scheduler;
  private final BatchExecutor<P, R> executor;
  private final BatchListener listener;
  private final Ticker ticker;

  Dispatcher(
      BatchScheduler<P, R> scheduler,
      BatchExecutor<P, R> executor,
      BatchListener listener,
      Ticker ticker) {
    this.scheduler = scheduler;
    this.executor = executor;
    this.listener = listener;
    this.ticker = ticker;
  }

  @Override
  public void run() {
    Seat seat = scheduler.newSeat();
    for (var batch = scheduler.take(seat); !batch.isEmpty(); batch = scheduler.take(seat)) {
      try {
        execute(batch);
      } catch (RuntimeException | Error bug) {
        // A listener or discard() that throws must be seen, and must not end the thread.
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, bug);
      } finally {
        scheduler.retire(batch);
      }
    }
  }

  private void execute(List<QueuedRequest<P, R>> batch) {
    long started = ticker.nanoTime();
    var queueNanos = new long[batch.size()];
    int rows = 0;
    for (int i = 0; i < queueNanos.length; i++) {
      queueNanos[i] = started - batch.get(i).arrivalNanos;
      rows += batch.get(i).request.rows();
    }
    int executions = new BatchRun<>(executor, new Answers(started)).run(batch);
    long computeNanos = ticker.nanoTime() - started;
    listener.dispatched(new BatchReport(batch.size(), rows, queueNanos, computeNanos, executions));
  }

  private final class Answers implements BatchRun.Completion<P, R> {
    private final long started;

    Answers(long started) {
      this.started = started;
    }

    @Override
    public boolean wanted(QueuedRequest<P, R> entry) {
      return scheduler.isRunning(entry);
    }

    @Override
    public void succeeded(List<QueuedRequest<P, R>> entries, List<R> results, int rows) {
      long computeNanos = ticker.nanoTime() - started;
      boolean[] claimed = scheduler.claim(entries);
      for (int i = 0; i < claimed.length; i++) {
        QueuedRequest<P, R> entry = entries.get(i);
        R result = results.get(i);
        if (claimed[i]) {
          var timing =
              new BatchTiming(started - entry.arrivalNanos, computeNanos, entries.size(), rows);
          entry.future.complete(new BatchResult<>(result, timing));
        } else {
          executor.discard(result);
        }
      }
    }

    @Override
    public void failed(List<QueuedRequest<P, R>> entries, Throwable failure) {
      boolean[] claimed = scheduler.claim(entries);
      for (int i = 0; i < claimed.length; i++) {
        if (claimed[i]) {
          entries.get(i).future.completeExceptionally(failure);
        }
      }
    }
  }
}
