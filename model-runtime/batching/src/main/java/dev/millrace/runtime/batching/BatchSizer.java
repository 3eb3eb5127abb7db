package dev.millrace.runtime.batching;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Chooses how many rows a batch may have. The bound is the smallest of
 *
 * <ul>
 *   <li>the most rows that the options allow;
 *   <li>the most rows that run within half of the SLO (Nexus, SOSP'19): a request that just missed
 *       a batch waits for it and runs in the next;
 *   <li>the size beyond which a bigger batch costs more per row, as it does for convolutional nets
 *       on a processor; learned per model and length, never one default.
 * </ul>
 *
 * <p>So that it keeps learning, one in a few full batches tries another size, twice the best and
 * its halves in turn: every eighth until that size is known, every sixty-fourth from then on. Not
 * thread-safe.
 */
final class BatchSizer {
  private static final int TRY_UNKNOWN_EVERY = 8;
  private static final int TRY_KNOWN_EVERY = 64;

  private final LatencyCurve curve;
  private final int maxRows;
  private final @Nullable Duration slo;
  private int sinceTry;
  private int tries;

  BatchSizer(BatchOptions options, LatencyCurve curve) {
    this.curve = curve;
    this.maxRows = options.maxBatchRows();
    this.slo = options.sizing().slo();
  }

  /** The most rows of a batch of that length that make sense. */
  int best(int length) {
    return curve.bestRows(length, bound(length));
  }

  /**
   * The most rows of the batch that is taken now.
   *
   * @param available rows that wait and could join, the first request's included
   */
  int next(int length, long available) {
    int bound = bound(length);
    int best = curve.bestRows(length, bound);
    if (available <= best) {
      // Not even full: a try would only split what can run at once.
      return best;
    }
    int other = candidate(best, bound);
    int every = curve.isLearned(other, length) ? TRY_KNOWN_EVERY : TRY_UNKNOWN_EVERY;
    if (other == best || ++sinceTry < every) {
      return best;
    }
    sinceTry = 0;
    tries++;
    return other;
  }

  /** The size to try next: in turn twice the best, its half, its quarter and so on. */
  private int candidate(int best, int bound) {
    int count = 32 - Integer.numberOfLeadingZeros(best);
    int turn = tries % count;
    if (turn == 0 && best == bound) {
      tries++;
      turn = tries % count;
    }
    return turn == 0 ? Math.min(bound, best * 2) : Math.max(1, best >> turn);
  }

  /** Whether a batch may get cheaper per row by waiting for company. */
  boolean pays(long available, int length) {
    return available < best(length);
  }

  private int bound(int length) {
    return slo == null ? maxRows : curve.mostRowsWithin(slo.toNanos() / 2, length, maxRows);
  }
}
