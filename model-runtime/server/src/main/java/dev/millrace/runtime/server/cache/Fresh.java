package dev.millrace.runtime.server.cache;

import dev.millrace.runtime.batching.BatchTiming;

/**
 * An answer and how it came about.
 *
 * @param timing of the computation; zeros when it was kept
 * @param kept whether it was found when it should have been computed
 */
public record Fresh(CachedAnswer answer, BatchTiming timing, boolean kept) {
  /** Nothing was computed. */
  public static final BatchTiming NO_TIME = new BatchTiming(0, 0, 0, 0);

  /** An answer that was just computed. */
  public Fresh(CachedAnswer answer, BatchTiming timing) {
    this(answer, timing, false);
  }
}
