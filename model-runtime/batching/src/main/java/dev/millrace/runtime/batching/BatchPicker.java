package dev.millrace.runtime.batching;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the next batch together.
 *
 * <p>Head: the most important level first, by fair shares of its projects, of a project the most
 * urgent (earliest deadline, else first come). A request of level {@code n} that has waited {@code
 * n - 1} ageing times heads at latest every fourth batch, so that nothing starves.
 *
 * <p>Fill: requests of the head's family and length, again by level and fair shares; then of the
 * nearest other lengths while the longest times the rows stays within the allowed waste. It stops
 * at the size that {@link BatchSizer} gives, or when one more would push a request of the batch
 * past its deadline (SlackFit; SuperServe, NSDI'25).
 *
 * <p>Pure but for the queue, the count of full batches and the turns of aged requests. Called under
 * the scheduler's lock.
 */
final class BatchPicker<P, R> {
  private static final int AGED_EVERY = 4;

  private final QueuePolicy policy;
  private final double waste;
  private final BatchSizer sizer;
  private final LatencyCurve curve;
  private final BatchQueue<P, R> queue;
  private int sinceAged = AGED_EVERY;

  BatchPicker(BatchOptions options, LatencyCurve curve, BatchSizer sizer, BatchQueue<P, R> queue) {
    this.policy = options.queue();
    this.waste = options.sizing().paddingWaste();
    this.sizer = sizer;
    this.curve = curve;
    this.queue = queue;
  }

  /** The request to serve next; there must be one. Changes nothing. */
  QueuedRequest<P, R> head(long now) {
    QueuedRequest<P, R> aged = sinceAged + 1 >= AGED_EVERY ? aged(now) : null;
    if (aged != null) {
      return aged;
    }
    List<Level<P, R>> levels = queue.room().levels();
    for (int i = 0; i < levels.size(); i++) {
      QueuedRequest<P, R> next = levels.get(i).next();
      if (next != null) {
        return next;
      }
    }
    throw new IllegalStateException("no request waits");
  }

  /** The longest waiting of those that have waited too long behind more important ones. */
  private @Nullable QueuedRequest<P, R> aged(long now) {
    List<Level<P, R>> levels = queue.room().levels();
    QueuedRequest<P, R> aged = null;
    for (int i = 1; i < levels.size(); i++) {
      QueuedRequest<P, R> oldest = levels.get(i).oldest();
      if (oldest != null
          && now - oldest.arrivalNanos >= i * policy.ageing().toNanos()
          && (aged == null || oldest.arrivalNanos - aged.arrivalNanos < 0)) {
        aged = oldest;
      }
    }
    return aged;
  }

  /** Takes a batch with this head out of the queue. */
  Batch<P, R> take(QueuedRequest<P, R> head, long now) {
    Level<P, R> first = queue.room().levels().get(0);
    sinceAged = head.level != first && !first.isEmpty() ? 0 : sinceAged + 1;
    Lane<P, R> lane = lane(head);
    var batch = new Batch<P, R>();
    if (policy.byArrival()) {
      fillByArrival(batch, lane, now);
    } else {
      int limit = sizer.next(lane.length, available(lane));
      queue.join(batch, head);
      var fill = new Fill(batch, limit, now);
      if (fill.from(lane) && waste > 1) {
        fill.fromNeighbours(lane);
      }
    }
    queue.dispatched(batch, now);
    return batch;
  }

  /** Rows that could join a batch of this lane, were it not for their number. */
  long available(Lane<P, R> lane) {
    return waste > 1 ? lane.family.rows : lane.rows;
  }

  /** The lane that a waiting request stands in. */
  Lane<P, R> lane(QueuedRequest<P, R> entry) {
    if (entry.lane == null) {
      throw new IllegalStateException("the request does not wait");
    }
    return entry.lane;
  }

  /** The longest prefix of the queue that fits together: nobody overtakes anybody. */
  private void fillByArrival(Batch<P, R> batch, Lane<P, R> first, long now) {
    Level<P, R> level = queue.room().levels().get(0);
    var fill = new Fill(batch, sizer.next(first.length, available(first)), now);
    for (var next = level.oldest(); next != null; next = level.oldest()) {
      boolean joins = lane(next).family == first.family && (batch.rows == 0 || fill.fits(next));
      if (!joins) {
        return;
      }
      fill.join(next);
    }
  }

  /** A batch while it grows. */
  private final class Fill {
    private final Batch<P, R> batch;
    private final int limit;
    private final long now;
    private long firstDeadline = BatchRequest.NO_DEADLINE;

    /** Counts the deadlines of what is in the batch already. */
    Fill(Batch<P, R> batch, int limit, long now) {
      this.batch = batch;
      this.limit = limit;
      this.now = now;
      for (int i = 0; i < batch.entries.size(); i++) {
        keepDeadline(batch.entries.get(i));
      }
    }

    /** Takes from the lane what fits; false when the batch is full. */
    boolean from(Lane<P, R> lane) {
      List<Level<P, R>> levels = queue.room().levels();
      for (int i = 0; i < levels.size(); i++) {
        Level<P, R> level = levels.get(i);
        for (var next = level.next(lane); next != null; next = level.next(lane)) {
          if (queue.isHopeless(next, now)) {
            queue.end(next);
            batch.addHopeless(next);
          } else if (fits(next)) {
            join(next);
          } else {
            return false;
          }
        }
      }
      return true;
    }

    /** Goes on with the nearest lengths, until the padding gets too much on both sides. */
    void fromNeighbours(Lane<P, R> lane) {
      Family<P, R> family = lane.family;
      Lane<P, R> shorter = family.shorter(lane.length);
      Lane<P, R> longer = family.longer(lane.length);
      while (batch.rows < limit && (shorter != null || longer != null)) {
        boolean down =
            longer == null
                || (shorter != null
                    && batch.maxLength - shorter.length <= longer.length - batch.maxLength);
        Lane<P, R> nearest = down ? shorter : longer;
        boolean taken = nearest != null && from(nearest);
        // What does not fit from here does not fit from further away.
        if (down) {
          shorter = taken && nearest != null ? family.shorter(nearest.length) : null;
        } else {
          longer = taken && nearest != null ? family.longer(nearest.length) : null;
        }
      }
    }

    void join(QueuedRequest<P, R> entry) {
      queue.join(batch, entry);
      keepDeadline(entry);
    }

    boolean fits(QueuedRequest<P, R> entry) {
      BatchRequest<P> request = entry.request;
      int rows = batch.rows + request.rows();
      if (rows > limit || rows < 0 || !batch.padsLittleWith(request, waste)) {
        return false;
      }
      if (firstDeadline == BatchRequest.NO_DEADLINE) {
        return true;
      }
      long nanos = curve.nanos(rows, Math.max(batch.maxLength, request.length()));
      return nanos == LatencyCurve.UNKNOWN || now + nanos - firstDeadline <= 0;
    }

    /** A deadline that is lost already stops nobody from joining. */
    private void keepDeadline(QueuedRequest<P, R> entry) {
      long deadline = entry.deadlineNanos();
      if (!entry.hasDeadline()
          || (firstDeadline != BatchRequest.NO_DEADLINE && deadline - firstDeadline >= 0)) {
        return;
      }
      long nanos = curve.nanos(batch.rows, batch.maxLength);
      if (nanos == LatencyCurve.UNKNOWN || now + nanos - deadline <= 0) {
        firstDeadline = deadline;
      }
    }
  }
}
