package dev.millrace.gateway.server.upstream;

import java.time.Duration;

/**
 * When a caller stops waiting.
 *
 * @param atNanos on the scale of {@link System#nanoTime()}
 */
public record Deadline(long atNanos) {
  /** The deadline that {@code budget} from {@code nowNanos} makes. */
  public static Deadline after(Duration budget, long nowNanos) {
    return new Deadline(nowNanos + budget.toNanos());
  }

  /** What is left, at least zero. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, atNanos - System.nanoTime()));
  }
}
