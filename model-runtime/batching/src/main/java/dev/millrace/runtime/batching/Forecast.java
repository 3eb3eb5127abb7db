package dev.millrace.runtime.batching;

import java.util.List;

/**
 * Says whether a request can be answered in time, so that one that cannot is told at once and costs
 * no compute (Clockwork, OSDI'20). It errs on the side of trying: an unlearned or noisy model
 * rejects nothing, predictions are taken at the short end, an execution that takes longer than
 * predicted counts as about to end, and a scheduler without work never asks. So a model whose times
 * were once overestimated always gets new measurements.
 */
final class Forecast<P, R> {
  private final LatencyCurve curve;
  private final int instances;

  Forecast(LatencyCurve curve, int instances) {
    this.curve = curve;
    this.instances = instances;
  }

  /**
   * Whether a request on arrival is bound to be late.
   *
   * @param level the priority level that the request would join
   */
  boolean isLate(
      QueuedRequest<P, R> entry,
      List<Batch<P, R>> running,
      WaitingRoom<P, R> room,
      Level<P, R> level) {
    if (!entry.hasDeadline() || running.size() < instances) {
      return false;
    }
    BatchRequest<P> request = entry.request;
    long own = curve.surelyNanos(request.rows(), request.length());
    if (own == LatencyCurve.UNKNOWN) {
      return false;
    }
    long now = entry.arrivalNanos;
    long left = entry.deadlineNanos() - now - own - untilFree(running, now);
    if (left >= 0 && room.costNanos() / instances <= left) {
      return false;
    }
    return left < 0 || costAhead(entry, room.levels(), level) / instances > left;
  }

  /** Whether a waiting request is late even if it runs now and alone. */
  boolean isHopeless(QueuedRequest<P, R> entry, long now) {
    if (!entry.hasDeadline()) {
      return false;
    }
    long own = curve.surelyNanos(entry.request.rows(), entry.request.length());
    return own != LatencyCurve.UNKNOWN && now + own - entry.deadlineNanos() > 0;
  }

  /** How long until the first instance is free, at least. */
  private long untilFree(List<Batch<P, R>> running, long now) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < running.size(); i++) {
      Batch<P, R> batch = running.get(i);
      long left =
          batch.predictedNanos == LatencyCurve.UNKNOWN
              ? 0
              : batch.takenNanos + batch.predictedNanos - now;
      least = Math.min(least, Math.max(0, left));
    }
    return least;
  }

  /**
   * Compute of what is served before it: the more important, the more urgent of its own project,
   * and as much of every other project, since they take turns.
   */
  private long costAhead(QueuedRequest<P, R> entry, List<Level<P, R>> levels, Level<P, R> level) {
    long cost = 0;
    for (int i = 0; levels.get(i) != level; i++) {
      cost += cost(levels.get(i));
    }
    List<Flow<P, R>> round = level.round();
    String project = entry.request.terms().project();
    long own = 0;
    for (int i = 0; i < round.size(); i++) {
      if (round.get(i).project.equals(project)) {
        own = cost(round.get(i), entry);
      }
    }
    cost += own;
    for (int i = 0; i < round.size(); i++) {
      if (!round.get(i).project.equals(project)) {
        cost += Math.min(cost(round.get(i), entry), own + entry.costNanos);
      }
    }
    return cost;
  }

  private static <P, R> long cost(Level<P, R> level) {
    long cost = 0;
    for (var entry = level.oldest(); entry != null; entry = entry.next) {
      cost += entry.savingNanos;
    }
    return cost;
  }

  private static <P, R> long cost(Flow<P, R> flow, QueuedRequest<P, R> than) {
    long cost = 0;
    for (int i = 0; i < flow.requests.size(); i++) {
      QueuedRequest<P, R> other = flow.requests.at(i);
      cost += other.moreUrgentThan(than) ? other.savingNanos : 0;
    }
    return cost;
  }
}
