package dev.millrace.runtime.server.oip;

import dev.millrace.runtime.batching.BatchTiming;
import dev.millrace.runtime.server.cache.CacheStatus;

/** The {@code Server-Timing} header: where a call's time went, in milliseconds. */
final class ServerTiming {
  private ServerTiming() {}

  static String of(BatchTiming timing) {
    long queue = Math.max(0, timing.queueNanos()) / 1_000;
    long compute = Math.max(0, timing.computeNanos()) / 1_000;
    // Three decimals, without a formatter or a buffer: this runs once a call.
    return "queue;dur="
        + queue / 1_000
        + point(queue % 1_000)
        + queue % 1_000
        + ", batch;desc=\""
        + timing.batchRows()
        + "\", compute;dur="
        + compute / 1_000
        + point(compute % 1_000)
        + compute % 1_000;
  }

  private static String point(long thousandths) {
    return thousandths >= 100 ? "." : thousandths >= 10 ? ".0" : ".00";
  }

  /** The same, and how the call met the cache. */
  static String of(BatchTiming timing, CacheStatus cache) {
    return "cache;desc=\"" + cache.label() + "\", " + of(timing);
  }
}
