package dev.millrace.runtime.batching;

import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.QueuePolicy.TimeoutAction;
import dev.millrace.runtime.batching.QueuedRequest.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every request that has been admitted and has not ended, waiting or running. No threads, no locks,
 * no clock: the caller passes the time, guards each call with one lock and completes the futures of
 * what it gets back outside of it. A request is handed back for completion exactly once, when it
 * moves to {@link State#ENDED}.
 *
 * <p>Operations are O(log n), but for those on a full queue or under a deadline that is nearly
 * lost, which may look at every request.
 */
final class BatchQueue<P, R> {
  /** What a row counts as while the model's times are not known. */
  private static final long GUESSED_NANOS_PER_ROW = 1_000_000;

  private final QueuePolicy policy;
  private final LatencyCurve curve;
  private final Forecast<P, R> forecast;
  private final WaitingRoom<P, R> room;
  private final RequestHeap<P, R> timers = new RequestHeap<>(RequestHeap.Use.TIMER);
  private final List<Batch<P, R>> active = new ArrayList<>();
  private long sequence;
  private long batches;
  private int running;

  BatchQueue(BatchOptions options, LatencyCurve curve) {
    this.policy = options.queue();
    this.curve = curve;
    this.forecast = new Forecast<>(curve, options.instances());
    this.room = new WaitingRoom<>(policy);
  }

  /** What became of a request on arrival. */
  sealed interface Admission<P, R> {
    /** It waits. */
    record Queued<P, R>() implements Admission<P, R> {}

    /** It waits in the place of another one, which has ended for it. */
    record Displaced<P, R>(QueuedRequest<P, R> other) implements Admission<P, R> {}

    /** It has ended. */
    record Refused<P, R>(Reason reason) implements Admission<P, R> {}
  }

  private final Admission<P, R> queued = new Admission.Queued<>();

  /** Admits the request, or says why not. */
  Admission<P, R> offer(QueuedRequest<P, R> entry) {
    if (entry.expiredAt(entry.arrivalNanos) || entry.queueTimedOutAt(entry.arrivalNanos)) {
      return refuse(entry, Reason.DEADLINE_EXCEEDED);
    }
    prepare(entry);
    Level<P, R> level = room.levelOf(entry);
    if (forecast.isLate(entry, active, room, level)) {
      return refuse(entry, Reason.DEADLINE_EXCEEDED);
    }
    QueuedRequest<P, R> displaced = null;
    if (room.isFullFor(entry)) {
      displaced = room.lessImportant(entry, level);
      if (displaced == null) {
        return refuse(entry, Reason.QUEUE_FULL);
      }
      end(displaced);
    }
    room.add(entry, level);
    arm(entry, entry.nearestEnd());
    return displaced == null ? queued : new Admission.Displaced<>(displaced);
  }

  private Admission<P, R> refuse(QueuedRequest<P, R> entry, Reason reason) {
    entry.state = State.ENDED;
    return new Admission.Refused<>(reason);
  }

  private void prepare(QueuedRequest<P, R> entry) {
    BatchRequest<P> request = entry.request;
    entry.sequence = sequence++;
    long patience = entry.arrivalNanos + policy.ageing().toNanos();
    boolean soon = entry.hasDeadline() && entry.deadlineNanos() - patience < 0;
    entry.urgencyNanos = policy.byArrival() ? 0 : soon ? entry.deadlineNanos() : patience;
    long perRow = curve.nanosPerRow(request.length());
    boolean known = perRow != LatencyCurve.UNKNOWN;
    entry.costNanos = (known ? perRow : GUESSED_NANOS_PER_ROW) * request.rows();
    entry.savingNanos = known ? entry.costNanos : 0;
  }

  /** Moves a waiting request into the batch. */
  void join(Batch<P, R> batch, QueuedRequest<P, R> entry) {
    room.serve(entry);
    entry.state = State.RUNNING;
    running++;
    arm(entry, entry.deadlineNanos());
    batch.add(entry);
  }

  /** The batch is complete and goes to a dispatcher. */
  void dispatched(Batch<P, R> batch, long now) {
    batch.takenNanos = now;
    batch.number = batches++;
    batch.predictedNanos = curve.nanos(batch.rows, batch.maxLength);
    for (QueuedRequest<P, R> entry : batch.entries) {
      entry.queueNanos = now - entry.arrivalNanos;
    }
    active.add(batch);
  }

  /** The batch has been executed and its requests completed. */
  void retire(Batch<P, R> batch) {
    active.remove(batch);
  }

  /** Whether nothing waits and nothing is being executed. */
  boolean isEmpty() {
    return room.requests() == 0 && active.isEmpty();
  }

  /** Every request that has not ended: the waiting ones, then the running ones. */
  List<QueuedRequest<P, R>> unfinished() {
    var entries = new ArrayList<QueuedRequest<P, R>>(room.requests() + running);
    for (Level<P, R> level : room.levels()) {
      for (var entry = level.oldest(); entry != null; entry = entry.next) {
        entries.add(entry);
      }
    }
    for (Batch<P, R> batch : active) {
      for (QueuedRequest<P, R> entry : batch.entries) {
        if (entry.state == State.RUNNING) {
          entries.add(entry);
        }
      }
    }
    return entries;
  }

  /** Ends the request wherever it is; the state it was in, {@link State#ENDED} when it was over. */
  State end(QueuedRequest<P, R> entry) {
    State before = entry.state;
    if (before == State.WAITING) {
      room.remove(entry);
    } else if (before == State.RUNNING) {
      running--;
      if (entry.execution != null) {
        entry.execution.wanted--;
      }
    }
    timers.remove(entry);
    entry.state = State.ENDED;
    return before;
  }

  /**
   * A request, waiting or running, that has to end at {@code now}; null when there is none. On the
   * way, requests that waited too long are put behind the others, if that is the timeout action.
   */
  @Nullable QueuedRequest<P, R> expired(long now) {
    for (var first = timers.first(); first != null; first = timers.first()) {
      if (first.timerNanos - now > 0) {
        return null;
      }
      if (first.expiredAt(now) || policy.timeoutAction() == TimeoutAction.REJECT) {
        return first;
      }
      room.delay(first);
      arm(first, first.deadlineNanos());
    }
    return null;
  }

  /** When {@link #expired} has something to do next, or {@link BatchRequest#NO_DEADLINE}. */
  long nextTimer() {
    QueuedRequest<P, R> first = timers.first();
    return first == null ? BatchRequest.NO_DEADLINE : first.timerNanos;
  }

  /** Whether a request cannot be answered in time even if it runs now. */
  boolean isHopeless(QueuedRequest<P, R> entry, long now) {
    return forecast.isHopeless(entry, now);
  }

  /** What waits. */
  WaitingRoom<P, R> room() {
    return room;
  }

  /** Requests that wait. */
  int waiting() {
    return room.requests();
  }

  /** Bytes of the requests that wait. */
  long waitingBytes() {
    return room.bytes();
  }

  /** Requests that are being executed and whose callers still wait. */
  int running() {
    return running;
  }

  private void arm(QueuedRequest<P, R> entry, long nanos) {
    if (entry.timerNanos == nanos) {
      return;
    }
    timers.remove(entry);
    entry.timerNanos = nanos;
    if (nanos != BatchRequest.NO_DEADLINE) {
      timers.add(entry);
    }
  }
}
