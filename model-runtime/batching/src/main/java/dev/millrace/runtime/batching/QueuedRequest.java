package dev.millrace.runtime.batching;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way. All but the final fields belong to the queue and are guarded by whatever
 * guards the queue. The places and links make removal from anywhere cheap.
 */
final class QueuedRequest<P, R> implements Submission<R> {
  /** Where the request is; it only moves to the right. */
  enum State {
    WAITING,
    RUNNING,
    ENDED
  }

  /** Gives up a request. */
  interface Owner<P, R> {
    boolean cancel(QueuedRequest<P, R> entry);
  }

  final BatchRequest<P> request;
  final long arrivalNanos;
  final CompletableFuture<BatchResult<R>> future = new CompletableFuture<>();
  private final Owner<P, R> owner;

  State state = State.WAITING;

  /** Read by others without the lock. */
  volatile long queueNanos = -1;

  /** Ties are served in this order. */
  long sequence;

  /** The earlier, the sooner it is served among its project's. */
  long urgencyNanos;

  /** When something is to be done about it; {@link BatchRequest#NO_DEADLINE} for never. */
  long timerNanos = BatchRequest.NO_DEADLINE;

  /** Predicted compute time as part of a batch of good size; a guess until it is known. */
  long costNanos;

  /** What ending it before it runs saves: the cost, or zero where that is a guess. */
  long savingNanos;

  @Nullable Level<P, R> level;
  @Nullable Flow<P, R> flow;
  @Nullable Lane<P, R> lane;
  @Nullable QueuedRequest<P, R> previous;
  @Nullable QueuedRequest<P, R> next;
  @Nullable Execution<P, R> execution;
  private int projectPlace = -1;
  private int lanePlace = -1;
  private int timerPlace = -1;

  QueuedRequest(BatchRequest<P> request, long arrivalNanos, Owner<P, R> owner) {
    this.request = request;
    this.arrivalNanos = arrivalNanos;
    this.owner = owner;
  }

  @Override
  public CompletionStage<BatchResult<R>> result() {
    return future;
  }

  @Override
  public long arrivalNanos() {
    return arrivalNanos;
  }

  @Override
  public long queueNanos() {
    return queueNanos;
  }

  @Override
  public boolean cancel() {
    return owner.cancel(this);
  }

  long deadlineNanos() {
    return request.terms().deadlineNanos();
  }

  boolean hasDeadline() {
    return deadlineNanos() != BatchRequest.NO_DEADLINE;
  }

  /** Whether the deadline has passed at {@code now}. */
  boolean expiredAt(long now) {
    return passed(deadlineNanos(), now);
  }

  /** Whether it may not wait in the queue any longer. */
  boolean queueTimedOutAt(long now) {
    return passed(request.terms().queueDeadlineNanos(), now);
  }

  /** The nearer one of deadline and queue timeout. */
  long nearestEnd() {
    long deadline = deadlineNanos();
    long timeout = request.terms().queueDeadlineNanos();
    if (deadline == BatchRequest.NO_DEADLINE || timeout == BatchRequest.NO_DEADLINE) {
      return deadline == BatchRequest.NO_DEADLINE ? timeout : deadline;
    }
    return timeout - deadline < 0 ? timeout : deadline;
  }

  /** What to stop now that it has ended: its execution, if it was the last one waited for. */
  @Nullable Termination toStop(State before) {
    Execution<P, R> last = execution;
    return before == State.RUNNING && last != null && last.wanted == 0 ? last.termination : null;
  }

  boolean moreUrgentThan(QueuedRequest<P, R> other) {
    long difference = urgencyNanos - other.urgencyNanos;
    return difference == 0 ? sequence - other.sequence < 0 : difference < 0;
  }

  int place(RequestHeap.Use use) {
    return switch (use) {
      case PROJECT -> projectPlace;
      case LANE -> lanePlace;
      case TIMER -> timerPlace;
    };
  }

  void place(RequestHeap.Use use, int index) {
    switch (use) {
      case PROJECT -> projectPlace = index;
      case LANE -> lanePlace = index;
      case TIMER -> timerPlace = index;
    }
  }

  private static boolean passed(long end, long now) {
    return end != BatchRequest.NO_DEADLINE && end - now <= 0;
  }
}
