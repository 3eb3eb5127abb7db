package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.BatchPolicy.Decision;
import dev.millrace.runtime.batching.BatchQueue.Admission;
import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.QueuedRequest.State;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The one lock of a scheduler and everything behind it: what waits, what runs, what was learned,
 * and who sleeps. Callers complete futures outside of it.
 */
final class SchedulerCore<P, R> implements QueuedRequest.Owner<P, R> {
  private static final Admission.Refused<?, ?> CLOSED = new Admission.Refused<>(Reason.CLOSED);

  private final Ticker ticker;
  private final WakeUps wakeUps;
  private final Runnable wakeUp = this::wakeUp;
  private final Endings<P, R> endings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition drained = lock.newCondition();
  private final Condition timerMoved = lock.newCondition();
  private final LatencyCurve curve;
  private final BatchQueue<P, R> queue;
  private final BatchPicker<P, R> picker;
  private final BatchPolicy<P, R> policy;
  private final DispatcherPark park = new DispatcherPark(lock);
  private @Nullable Thread willWake;
  private boolean closing;
  private boolean stopped;
  private long armedTimer = BatchRequest.NO_DEADLINE;

  SchedulerCore(BatchOptions options, BatchListener listener, Ticker ticker, WakeUps wakeUps) {
    this.ticker = ticker;
    this.wakeUps = wakeUps;
    this.endings = new Endings<>(listener);
    this.curve = new LatencyCurve(options.sizing().seed());
    var sizer = new BatchSizer(options, curve);
    this.queue = new BatchQueue<>(options, curve);
    this.picker = new BatchPicker<>(options, curve, sizer, queue);
    this.policy = new BatchPolicy<>(options, curve, sizer, queue, picker);
  }

  /** The clock that all times are of. */
  Ticker ticker() {
    return ticker;
  }

  /** Queues the request, or says why not. */
  @SuppressWarnings("unchecked")
  Admission<P, R> submit(QueuedRequest<P, R> entry) {
    lock.lock();
    try {
      if (closing) {
        entry.state = State.ENDED;
        return (Admission<P, R>) CLOSED;
      }
      Admission<P, R> admission = queue.offer(entry);
      if (!(admission instanceof Admission.Refused<P, R>)) {
        wakeFor(entry);
      }
      return admission;
    } finally {
      lock.unlock();
    }
  }

  private void wakeFor(QueuedRequest<P, R> entry) {
    if (park.idle() > 0) {
      if (!isPutOff()) {
        park.wakeIdle();
      }
    } else if (park.delaying() > 0 && policy.isFull(entry)) {
      park.wakeDelaying();
    }
    long timer = entry.timerNanos;
    if (timer != BatchRequest.NO_DEADLINE
        && (armedTimer == BatchRequest.NO_DEADLINE || timer - armedTimer < 0)) {
      armedTimer = timer;
      timerMoved.signal();
    }
  }

  /**
   * Whether this thread will wake a dispatcher. One thread does not rely on another, which may be
   * busy for longer; what two of them wake is one dispatcher and then none.
   */
  private boolean isPutOff() {
    Thread caller = Thread.currentThread();
    if (willWake == caller) {
      return true;
    }
    if (!wakeUps.putOff(wakeUp)) {
      return false;
    }
    willWake = caller;
    return true;
  }

  private void wakeUp() {
    lock.lock();
    try {
      if (willWake == Thread.currentThread()) {
        willWake = null;
      }
      if (queue.waiting() > 0) {
        park.wakeIdle();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Dispatchers that have nothing to do. */
  int idleDispatchers() {
    lock.lock();
    try {
      return park.idle();
    } finally {
      lock.unlock();
    }
  }

  DispatcherPark.Seat newSeat() {
    lock.lock();
    try {
      return park.newSeat();
    } finally {
      lock.unlock();
    }
  }

  /** Blocks until there is a batch to execute; null when the scheduler has stopped. */
  @Nullable Batch<P, R> take(DispatcherPark.Seat seat) {
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
        switch (policy.next(now, closing ? 1 : park.idle())) {
          case Decision.Take<P, R> take -> {
            // The last one is tried in any case: only executions show how long they take now.
            if (queue.waiting() == 1 || !queue.isHopeless(take.head(), now)) {
              return picker.take(take.head(), now);
            }
            outside(List.of(end(take.head())), Reason.DEADLINE_EXCEEDED);
          }
          case Decision.WaitUntil<P, R> wait -> park.awaitCompany(seat, wait.nanos() - now);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** An execution of those that somebody still waits for; null when nobody does. */
  @Nullable Execution<P, R> begin(List<QueuedRequest<P, R>> entries) {
    lock.lock();
    try {
      List<QueuedRequest<P, R>> wanted = entries;
      for (int i = 0; i < entries.size(); i++) {
        if (entries.get(i).state != State.RUNNING) {
          wanted = entries.stream().filter(entry -> entry.state == State.RUNNING).toList();
          break;
        }
      }
      return wanted.isEmpty() ? null : new Execution<>(wanted);
    } finally {
      lock.unlock();
    }
  }

  /** Learns from an execution that went well. */
  void measured(Execution<P, R> execution, long nanos) {
    lock.lock();
    try {
      curve.record(execution.rows, execution.maxLength, nanos);
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

  /** The batch has been executed and its requests completed. */
  void retire(Batch<P, R> batch) {
    lock.lock();
    try {
      queue.retire(batch);
      signalDrained();
    } finally {
      lock.unlock();
    }
  }

  /** Gives the request up; false when it was over. */
  @Override
  public boolean cancel(QueuedRequest<P, R> entry) {
    Ended<P, R> ended;
    lock.lock();
    try {
      if (entry.state == State.ENDED) {
        return false;
      }
      ended = end(entry);
      signalDrained();
    } finally {
      lock.unlock();
    }
    ended.complete(endings, Reason.CANCELLED);
    return true;
  }

  /** Ends what has expired when it does, until the scheduler stops. */
  void watchTimers() {
    lock.lock();
    try {
      while (!stopped) {
        long now = ticker.nanoTime();
        if (expire(now)) {
          continue;
        }
        armedTimer = queue.nextTimer();
        try {
          if (armedTimer == BatchRequest.NO_DEADLINE) {
            timerMoved.await();
          } else {
            long ignored = timerMoved.awaitNanos(armedTimer - now);
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
    QueuedRequest<P, R> entry = queue.expired(now);
    if (entry == null) {
      return false;
    }
    var ended = new ArrayList<Ended<P, R>>();
    for (; entry != null; entry = queue.expired(now)) {
      ended.add(end(entry));
    }
    signalDrained();
    outside(ended, Reason.DEADLINE_EXCEEDED);
    return true;
  }

  private Ended<P, R> end(QueuedRequest<P, R> entry) {
    State before = queue.end(entry);
    return new Ended<>(entry, Endings.stageOf(before), entry.toStop(before));
  }

  private void outside(List<Ended<P, R>> ended, Reason reason) {
    lock.unlock();
    try {
      ended.forEach(one -> one.complete(endings, reason));
    } finally {
      lock.lock();
    }
  }

  /**
   * Takes no more requests and waits until those accepted are finished, at most so long; then stops
   * and ends the rest. An interrupt ends the wait early and is kept.
   *
   * @return whether every accepted request was finished
   */
  boolean close(long nanos) {
    List<Ended<P, R>> left;
    boolean interrupted = false;
    lock.lock();
    try {
      closing = true;
      park.wakeAll();
      long remaining = nanos;
      while (remaining > 0 && !queue.isEmpty() && !interrupted) {
        try {
          remaining = drained.awaitNanos(remaining);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      stopped = true;
      left = queue.unfinished().stream().map(this::end).toList();
      park.wakeAll();
      timerMoved.signalAll();
      drained.signalAll();
    } finally {
      lock.unlock();
    }
    left.forEach(one -> one.complete(endings, Reason.CLOSED));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return left.isEmpty();
  }

  private void signalDrained() {
    if (closing) {
      drained.signalAll();
    }
  }

  /** Reads something of the queue. */
  long read(ToLongFunction<BatchQueue<P, R>> what) {
    lock.lock();
    try {
      return what.applyAsLong(queue);
    } finally {
      lock.unlock();
    }
  }

  /** What was learned so far. */
  LatencyProfile learned() {
    lock.lock();
    try {
      return curve.profile();
    } finally {
      lock.unlock();
    }
  }

  /** A request that has just ended without a result, to be told outside of the lock. */
  private record Ended<P, R>(
      QueuedRequest<P, R> entry, BatchStage stage, @Nullable Termination stop) {
    void complete(Endings<P, R> endings, Reason reason) {
      if (stop != null) {
        stop.terminate();
      }
      endings.end(entry, reason, stage);
    }
  }
}
