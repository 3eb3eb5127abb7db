package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.runtime.batching.QueuePolicy.Ordering;
import dev.millrace.runtime.batching.QueuePolicy.TimeoutAction;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the queue of one version behaves, beyond its bounds.
 *
 * @param slo latency that calls should keep; null for none
 * @param ownersBatch whether the endpoint's owner named a batch size, which allows batching where
 *     it was not shown that it changes no result
 * @param padding whether requests of unequal length may share a batch
 * @param priorityLevels levels that are told apart, at least 1
 * @param queueTimeout longest wait in the queue when the request names none; null for none
 * @param instances executions at once, at least 1; 0 leaves it to what was measured
 */
public record SchedulingOptions(
    @Nullable Duration slo,
    boolean ownersBatch,
    Padding padding,
    int priorityLevels,
    @Nullable Duration queueTimeout,
    TimeoutAction timeoutAction,
    Ordering ordering,
    int instances) {

  /** Whether requests of unequal length may share a batch. */
  public enum Padding {
    /** Where it was measured that padding changes no result. */
    AUTO,
    NEVER,
    ALWAYS
  }

  /** Nothing asked for. */
  public static final SchedulingOptions DEFAULT = of(ServingSpec.DEFAULT);

  /** What the endpoint asks for; an odd value from a newer registry counts as none. */
  static SchedulingOptions of(ServingSpec spec) {
    ServingSpec.Slo slo = spec.slo();
    return new SchedulingOptions(
        positive(slo == null ? null : slo.latency()),
        spec.maxBatch() != null,
        padding(spec.padding()),
        spec.priorityLevels() == null ? 1 : Math.clamp(spec.priorityLevels(), 1, 64),
        positive(spec.queueTimeout()),
        "delay".equals(spec.timeoutAction()) ? TimeoutAction.DELAY : TimeoutAction.REJECT,
        Boolean.TRUE.equals(spec.preserveOrdering()) ? Ordering.BY_ARRIVAL : Ordering.BY_URGENCY,
        spec.instances() == null ? 0 : Math.clamp(spec.instances(), 1, 64));
  }

  private static @Nullable Duration positive(@Nullable String text) {
    return SpecDurations.parse(text).filter(duration -> !duration.isZero()).orElse(null);
  }

  private static Padding padding(@Nullable String text) {
    return switch (text == null ? "auto" : text.toLowerCase(Locale.ROOT)) {
      case "never" -> Padding.NEVER;
      case "always" -> Padding.ALWAYS;
      default -> Padding.AUTO;
    };
  }
}
