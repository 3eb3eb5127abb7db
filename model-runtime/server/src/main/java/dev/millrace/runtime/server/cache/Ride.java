package dev.millrace.runtime.server.cache;

import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What one caller brings to a computation that it may share.
 *
 * @param deadlineNanos by when it must have its result, on {@link System#nanoTime()}; {@link
 *     Long#MAX_VALUE} for never
 * @param start begins the computation on the caller's own terms; called at most once, and only when
 *     it cannot have somebody else's result; may throw
 * @param left told when the caller gives up while the computation goes on for others
 */
public record Ride<V>(long deadlineNanos, Supplier<Run<V>> start, Consumer<Departure> left) {
  /** Why a caller gave up. */
  public enum Departure {
    EXPIRED,
    CANCELLED
  }
}
