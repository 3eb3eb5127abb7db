package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.BatchPolicy.Decision;
import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.QueuedRequest.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Joins requests of equal shape into batches and executes them on its own named threads.
 *
 * <p>Work-conserving: a free dispatcher takes what waits now, and while it executes the next batch
 * forms. Each batch is headed by the request that has waited longest, whatever its shape. Latency
 * bound: with {@code n} requests ahead of it, {@code k} instances and executions of at most {@code
 * T}, a request is dispatched within {@code maxDelay + T·(1 + n/k)}, and each request ahead that
 * has its shape and fits into its batch takes one {@code T/k} off. A request whose deadline passes
 * is answered then, wherever it is, and one that still waited costs no compute.
 *
 * <p>Thread-safe. Every accepted request completes exactly once, outside the lock. When a batch
 * fails, it is split and tried again so that only the request at fault fails ({@link
 * BatchExecutor#worthSplitting}).
 *
 * @param <P> what a request carries
 * @param <R> what an execution gives back per request
 */
public final class BatchScheduler<P, R> implements AutoCloseable {
  private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(30);

  private final BatchListener listener;
  private final Ticker ticker;
  private final BatchPolicy policy;
  private final int maxBatchRows;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition drained = lock.newCondition();
  private final Condition deadlineMoved = lock.newCondition();
  private final BatchQueue<P, R> queue;
  private final DispatcherPark park;
  private boolean closing;
  private boolean stopped;
  private long armedDeadline = BatchRequest.NO_DEADLINE;

  /**
   * Starts the dispatcher threads, named {@code millrace-batch-<name>-<n>}.
   *
   * @param executor called on those threads
   * @param listener called outside the lock
   */
  public static <P, R> BatchScheduler<P, R> start(
      String name, BatchOptions options, BatchExecutor<P, R> executor, BatchListener listener) {
    return start(name, options, executor, listener, Ticker.system());
  }

  /** Like the other, on another clock; timed waits still pass in real time. */
  static <P, R> BatchScheduler<P, R> start(
      String name,
      BatchOptions options,
      BatchExecutor<P, R> executor,
      BatchListener listener,
      Ticker ticker) {
    var scheduler = new BatchScheduler<P, R>(options, listener, ticker);
    for (int i = 0; i < options.instances(); i++) {
      Thread.ofPlatform()
          .name("millrace-batch-" + name + "-" + i)
          .daemon()
          .start(new Dispatcher<>(scheduler, executor, listener, ticker));
    }
    // Only ever completes futures: a virtual thread costs nothing while it waits.
    Thread.ofVirtual().name("millrace-deadline-" + name).start(scheduler::watchDeadlines);
    return scheduler;
  }

  private BatchScheduler(BatchOptions options, BatchListener listener, Ticker ticker) {
    this.listener = listener;
    this.ticker = ticker;
    this.policy = new OldestHeadPolicy(options);
    this.maxBatchRows = options.maxBatchRows();
    this.queue = new BatchQueue<>(options);
    this.park = new DispatcherPark(lock);
  }

  /**
   * Queues the request; never blocks for longer than the lock is held. A request that cannot be
   * queued is already complete on return, with {@link BatchRejectedException}.
   */
  public Submission<R> submit(BatchRequest<P> request) {
    var entry = new QueuedRequest<P, R>(request, ticker.nanoTime());
    @Nullable Reason refusal;
    lock.lock();
    try {
      refusal = closing ? Reason.CLOSED : queue.offer(entry);
      if (refusal == null) {
        wakeFor(entry);
      } else {
        entry.state = State.ENDED;
      }
    } finally {
      lock.unlock();
    }
    if (refusal == null) {
      listener.queued(request.rows(), request.bytes());
    } else {
      reject(entry, refusal, BatchStage.ADMISSION);
    }
    return new Handle(entry);
  }

  /** Requests that wait now. */
  public int queuedRequests() {
    lock.lock();
    try {
      return queue.waiting();
    } finally {
      lock.unlock();
    }
  }

  /** Payload bytes that wait now. */
  public long queuedBytes() {
    lock.lock();
    try {
      return queue.waitingBytes();
    } finally {
      lock.unlock();
    }
  }

  /** Requests that wait or are being executed, and whose callers still wait. */
  public int inFlight() {
    lock.lock();
    try {
      return queue.waiting() + queue.running();
    } finally {
      lock.unlock();
    }
  }

  /** Like {@link #close(Duration)} with 30 seconds. */
  @Override
  public void close() {
    close(DEFAULT_DRAIN);
  }

  /**
   * Takes no more requests, finishes what was accepted within {@code drain}, then ends the rest
   * with CLOSED. An execution that still runs is not interrupted; its results are dropped and its
   * thread ends after it. May be called again and from several threads; an interrupt ends the wait
   * early.
   *
   * @return whether every accepted request was finished
   */
  public boolean close(Duration drain) {
    List<QueuedRequest<P, R>> left = new ArrayList<>();
    List<BatchStage> stages = new ArrayList<>();
    boolean interrupted = false;
    lock.lock();
    try {
      closing = true;
      park.wakeAll();
      long remaining = drain.toNanos();
      while (remaining > 0 && !queue.isEmpty() && !interrupted) {
        try {
          remaining = drained.awaitNanos(remaining);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      stopped = true;
      for (QueuedRequest<P, R> entry : queue.unfinished()) {
        left.add(entry);
        stages.add(stageOf(queue.end(entry)));
      }
      park.wakeAll();
      deadlineMoved.signalAll();
      drained.signalAll();
    } finally {
      lock.unlock();
    }
    for (int i = 0; i < left.size(); i++) {
      reject(left.get(i), Reason.CLOSED, stages.get(i));
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return left.isEmpty();
  }

  DispatcherPark.Seat newSeat() {
    lock.lock();
    try {
      return park.newSeat();
    } finally {
      lock.unlock();
    }
  }

  /** Blocks until there is a batch to execute; empty when the scheduler has stopped. */
  List<QueuedRequest<P, R>> take(DispatcherPark.Seat seat) {
    lock.lock();
    try {
      while (!stopped && !(closing && queue.waiting() == 0)) {
        if (queue.waiting() == 0) {
          park.awaitWork(seat);
          continue;
        }
        long now = ticker.nanoTime();
        if (expire(now)) {
          continue;
        }
        switch (policy.next(queue, now, closing ? 1 : park.idle())) {
          case Decision.Take<P, R> take -> {
            return queue.take(take.lane());
          }
          case Decision.WaitUntil<P, R> wait -> park.awaitCompany(seat, wait.nanos() - now);
        }
      }
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the requests that have not ended yet; says for each whether this call did. */
  boolean[] claim(List<QueuedRequest<P, R>> entries) {
    var claimed = new boolean[entries.size()];
    lock.lock();
    try {
      for (int i = 0; i < claimed.length; i++) {
        claimed[i] = queue.end(entries.get(i)) == State.RUNNING;
      }
    } finally {
      lock.unlock();
    }
    return claimed;
  }

  boolean isRunning(QueuedRequest<P, R> entry) {
    lock.lock();
    try {
      return entry.state == State.RUNNING;
    } finally {
      lock.unlock();
    }
  }

  /** The batch has been executed and its requests completed. */
  void retire(List<QueuedRequest<P, R>> batch) {
    lock.lock();
    try {
      queue.retire(batch);
      if (closing) {
        drained.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void wakeFor(QueuedRequest<P, R> entry) {
    if (!park.wakeIdle() && queue.laneOf(entry).rows >= maxBatchRows) {
      park.wakeDelaying();
    }
    long deadline = entry.request.deadlineNanos();
    if (entry.hasDeadline()
        && (armedDeadline == BatchRequest.NO_DEADLINE || deadline - armedDeadline < 0)) {
      armedDeadline = deadline;
      deadlineMoved.signal();
    }
  }

  private void watchDeadlines() {
    lock.lock();
    try {
      while (!stopped) {
        long now = ticker.nanoTime();
        if (expire(now)) {
          continue;
        }
        armedDeadline = queue.nextDeadline();
        try {
          if (armedDeadline == BatchRequest.NO_DEADLINE) {
            deadlineMoved.await();
          } else {
            long ignored = deadlineMoved.awaitNanos(armedDeadline - now);
          }
        } catch (InterruptedException e) {
          // Nobody may stop the watch but close().
          continue;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends what has expired. Gives the lock up to complete it, and says whether it did: the caller
   * then looks at everything anew.
   */
  private boolean expire(long now) {
    var expired = new ArrayList<QueuedRequest<P, R>>(0);
    var stages = new ArrayList<BatchStage>(0);
    for (var entry = queue.expired(now); entry != null; entry = queue.expired(now)) {
      expired.add(entry);
      stages.add(stageOf(queue.end(entry)));
    }
    if (expired.isEmpty()) {
      return false;
    }
    if (closing) {
      drained.signalAll();
    }
    lock.unlock();
    try {
      for (int i = 0; i < expired.size(); i++) {
        reject(expired.get(i), Reason.DEADLINE_EXCEEDED, stages.get(i));
      }
    } finally {
      lock.lock();
    }
    return true;
  }

  private boolean cancel(QueuedRequest<P, R> entry) {
    State before;
    lock.lock();
    try {
      before = queue.end(entry);
      if (closing) {
        drained.signalAll();
      }
    } finally {
      lock.unlock();
    }
    if (before == State.ENDED) {
      return false;
    }
    reject(entry, Reason.CANCELLED, stageOf(before));
    return true;
  }

  private void reject(QueuedRequest<P, R> entry, Reason reason, BatchStage stage) {
    try {
      switch (reason) {
        case DEADLINE_EXCEEDED -> listener.expired(stage);
        case CANCELLED -> listener.cancelled(stage);
        case QUEUE_FULL, CLOSED -> listener.rejected(reason);
      }
    } finally {
      entry.future.completeExceptionally(new BatchRejectedException(reason, stage));
    }
  }

  private static BatchStage stageOf(State before) {
    return before == State.WAITING ? BatchStage.QUEUE : BatchStage.EXECUTION;
  }

  private final class Handle implements Submission<R> {
    private final QueuedRequest<P, R> entry;

    Handle(QueuedRequest<P, R> entry) {
      this.entry = entry;
    }

    @Override
    public CompletionStage<BatchResult<R>> result() {
      return entry.future;
    }

    @Override
    public boolean cancel() {
      return BatchScheduler.this.cancel(entry);
    }
  }
}
