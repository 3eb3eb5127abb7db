package dev.millrace.runtime.batching;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The waiting requests of one priority level, in order of arrival and apart by project.
 *
 * <p>Projects get equal shares of predicted compute time by deficit round robin (Shreedhar and
 * Varghese, SIGCOMM'95), with the quantum chosen so that the next request just becomes affordable:
 * the project that lacks the least credit for its next request goes first, all that wait get that
 * much, and it pays. A project that leaves the round takes no credit with it. While a single
 * project waits, nothing is counted.
 */
final class Level<P, R> {
  /** Flows of projects that do not wait are kept up to this many. */
  private static final int KEPT_FLOWS = 64;

  private final Map<String, Flow<P, R>> flows = new HashMap<>();
  private final List<Flow<P, R>> round = new ArrayList<>();
  private int turn;
  private @Nullable QueuedRequest<P, R> oldest;
  private @Nullable QueuedRequest<P, R> newest;

  void add(QueuedRequest<P, R> entry, String project) {
    entry.previous = newest;
    if (newest == null) {
      oldest = entry;
    } else {
      newest.next = entry;
    }
    newest = entry;
    Flow<P, R> flow = flows.computeIfAbsent(project, Flow::new);
    if (flow.isEmpty()) {
      flow.creditNanos = 0;
      round.add(flow);
    }
    flow.requests.add(entry);
    entry.level = this;
    entry.flow = flow;
  }

  void remove(QueuedRequest<P, R> entry, Flow<P, R> flow) {
    if (entry.previous == null) {
      oldest = entry.next;
    } else {
      entry.previous.next = entry.next;
    }
    if (entry.next == null) {
      newest = entry.previous;
    } else {
      entry.next.previous = entry.previous;
    }
    entry.previous = null;
    entry.next = null;
    entry.level = null;
    entry.flow = null;
    flow.requests.remove(entry);
    if (flow.isEmpty()) {
      int index = round.indexOf(flow);
      round.remove(index);
      if (index < turn) {
        turn--;
      }
      if (flows.size() > KEPT_FLOWS) {
        flows.remove(flow.project);
      }
    }
  }

  boolean isEmpty() {
    return oldest == null;
  }

  /** The request that has waited longest. */
  @Nullable QueuedRequest<P, R> oldest() {
    return oldest;
  }

  /** The request that came last. */
  @Nullable QueuedRequest<P, R> newest() {
    return newest;
  }

  /** The projects that wait. */
  List<Flow<P, R>> round() {
    return round;
  }

  /** The next request by fair shares; null when nobody waits. */
  @Nullable QueuedRequest<P, R> next() {
    return next(null);
  }

  /** The next request by fair shares, of those in the lane; null when none of this level is. */
  @Nullable QueuedRequest<P, R> next(@Nullable Lane<P, R> lane) {
    int count = round.size();
    if (count == 1) {
      return candidate(round.get(0), lane);
    }
    QueuedRequest<P, R> next = null;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      Flow<P, R> flow = round.get((turn + i) % count);
      QueuedRequest<P, R> candidate = candidate(flow, lane);
      if (candidate != null && candidate.costNanos - flow.creditNanos < least) {
        next = candidate;
        least = candidate.costNanos - flow.creditNanos;
      }
    }
    return next;
  }

  /** Makes the project of a request of this level pay for it; the request still waits. */
  void charge(QueuedRequest<P, R> entry, Flow<P, R> flow) {
    int count = round.size();
    if (count < 2) {
      return;
    }
    long lacking = entry.costNanos - flow.creditNanos;
    if (lacking > 0) {
      for (int i = 0; i < count; i++) {
        round.get(i).creditNanos += lacking;
      }
    }
    flow.creditNanos -= entry.costNanos;
    turn = (round.indexOf(flow) + 1) % count;
  }

  private static <P, R> @Nullable QueuedRequest<P, R> candidate(
      Flow<P, R> flow, @Nullable Lane<P, R> lane) {
    return lane == null ? flow.requests.first() : lane.first(flow);
  }
}
