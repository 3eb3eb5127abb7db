package dev.millrace.runtime.server.oip;

import dev.millrace.runtime.batching.BatchTiming;

/** The {@code Server-Timing} header: where a call's time went, in milliseconds. */
final class ServerTiming {
  private ServerTiming() {}

  static String of(BatchTiming timing) {
    var text = new StringBuilder(64).append("queue;dur=");
    millis(text, timing.queueNanos());
    text.append(", batch;desc=\"").append(timing.batchRows()).append("\", compute;dur=");
    millis(text, timing.computeNanos());
    return text.toString();
  }

  /** Three decimals, without a formatter: this runs once a call. */
  private static void millis(StringBuilder text, long nanos) {
    long micros = Math.max(0, nanos) / 1_000;
    text.append(micros / 1_000).append('.');
    long rest = micros % 1_000;
    if (rest < 100) {
      text.append('0');
    }
    if (rest < 10) {
      text.append('0');
    }
    text.append(rest);
  }
}
