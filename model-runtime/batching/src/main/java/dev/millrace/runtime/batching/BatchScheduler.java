package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.BatchQueue.Admission;
import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import java.time.Duration;

/**
 * Joins requests into batches and executes them on its own named threads.
 *
 * <p>Work-conserving (Clipper, NSDI'17): a free dispatcher takes what waits now, and while it
 * executes the next batch forms. Which request heads a batch, whom it takes along and how many is
 * told at {@link QueuePolicy}, {@link SizePolicy} and in {@code docs/batching.md}. Latency bound:
 * without priorities, with {@code n} requests ahead of it, {@code k} instances and executions of at
 * most {@code T}, a request is dispatched within {@code maxDelay + T·(1 + n/k)}, and each request
 * ahead that fits into its batch takes one {@code T/k} off. A request that cannot be answered
 * before its deadline is told on arrival once the model's times are known; one whose deadline
 * passes is answered then, wherever it is.
 *
 * <p>Thread-safe. Every accepted request completes exactly once, outside the lock. When a batch
 * fails, it is split and tried again so that only the request at fault fails ({@link
 * BatchExecutor#worthSplitting}); when nobody waits for it any more, it is terminated.
 *
 * @param <P> what a request carries
 * @param <R> what an execution gives back per request
 */
public final class BatchScheduler<P, R> implements AutoCloseable {
  private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(30);

  private final BatchListener listener;
  private final Ticker ticker;
  private final Endings<P, R> endings;
  private final SchedulerCore<P, R> core;

  /**
   * Starts the dispatcher threads, named {@code millrace-batch-<name>-<n>}.
   *
   * @param executor called on those threads
   * @param listener called outside the lock
   */
  public static <P, R> BatchScheduler<P, R> start(
      String name, BatchOptions options, BatchExecutor<P, R> executor, BatchListener listener) {
    return start(name, options, executor, listener, WakeUps.AT_ONCE);
  }

  /**
   * Like the other, with dispatchers woken when {@code wakeUps} says.
   *
   * @param wakeUps called on the threads that submit
   */
  public static <P, R> BatchScheduler<P, R> start(
      String name,
      BatchOptions options,
      BatchExecutor<P, R> executor,
      BatchListener listener,
      WakeUps wakeUps) {
    var core = new SchedulerCore<P, R>(options, listener, Ticker.system(), wakeUps);
    return start(name, options, executor, listener, core);
  }

  /** Like the first, on another clock; timed waits still pass in real time. */
  static <P, R> BatchScheduler<P, R> start(
      String name,
      BatchOptions options,
      BatchExecutor<P, R> executor,
      BatchListener listener,
      Ticker ticker) {
    var core = new SchedulerCore<P, R>(options, listener, ticker, WakeUps.AT_ONCE);
    return start(name, options, executor, listener, core);
  }

  private static <P, R> BatchScheduler<P, R> start(
      String name,
      BatchOptions options,
      BatchExecutor<P, R> executor,
      BatchListener listener,
      SchedulerCore<P, R> core) {
    Ticker ticker = core.ticker();
    var scheduler = new BatchScheduler<>(core, listener, ticker);
    // One thread alone takes batches in order and has nothing to wait for.
    boolean ordered = options.queue().byArrival() && options.instances() > 1;
    ResultOrder order = ordered ? new ResultOrder() : null;
    for (int i = 0; i < options.instances(); i++) {
      Thread.ofPlatform()
          .name("millrace-batch-" + name + "-" + i)
          .daemon()
          .start(new Dispatcher<>(scheduler.core, executor, listener, ticker, order));
    }
    // Only ever completes futures: a virtual thread costs nothing while it waits.
    Thread.ofVirtual().name("millrace-deadline-" + name).start(scheduler.core::watchTimers);
    return scheduler;
  }

  private BatchScheduler(SchedulerCore<P, R> core, BatchListener listener, Ticker ticker) {
    this.listener = listener;
    this.ticker = ticker;
    this.endings = new Endings<>(listener);
    this.core = core;
  }

  /**
   * Queues the request; never blocks for longer than the lock is held. A request that cannot be
   * queued is already complete on return, with {@link BatchRejectedException}.
   */
  public Submission<R> submit(BatchRequest<P> request) {
    var entry = new QueuedRequest<P, R>(request, ticker.nanoTime(), core);
    switch (core.submit(entry)) {
      case Admission.Queued<P, R> _ -> listener.queued(request.rows(), request.bytes());
      case Admission.Displaced<P, R>(var other) -> {
        listener.queued(request.rows(), request.bytes());
        endings.end(other, Reason.QUEUE_FULL, BatchStage.QUEUE);
      }
      case Admission.Refused<P, R>(var reason) -> endings.end(entry, reason, BatchStage.ADMISSION);
    }
    return entry;
  }

  /** Requests that wait now. */
  public int queuedRequests() {
    return (int) core.read(BatchQueue::waiting);
  }

  /** Payload bytes that wait now. */
  public long queuedBytes() {
    return core.read(BatchQueue::waitingBytes);
  }

  /** Requests that wait or are being executed, and whose callers still wait. */
  public int inFlight() {
    return (int) core.read(queue -> queue.waiting() + queue.running());
  }

  int idleDispatchers() {
    return core.idleDispatchers();
  }

  /** What the executions so far have shown, with what was known before. */
  public LatencyProfile learned() {
    return core.learned();
  }

  /** Like {@link #close(Duration)} with 30 seconds. */
  @Override
  public void close() {
    close(DEFAULT_DRAIN);
  }

  /**
   * Takes no more requests, finishes what was accepted within {@code drain}, then ends the rest
   * with CLOSED. An execution that still runs is terminated if it can be; its results are dropped
   * and its thread ends after it. May be called again and from several threads; an interrupt ends
   * the wait early.
   *
   * @return whether every accepted request was finished
   */
  public boolean close(Duration drain) {
    return core.close(drain.toNanos());
  }
}
