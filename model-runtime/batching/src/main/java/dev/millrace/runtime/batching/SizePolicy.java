package dev.millrace.runtime.batching;

import static dev.millrace.runtime.batching.Expectations.expect;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the size of a batch is chosen, within {@link BatchOptions#maxBatchRows}.
 *
 * @param slo latency that calls should keep: a batch has at most the rows that run in half of it,
 *     so that a request can wait for one batch and run in the next (Nexus, SOSP'19); null for none
 * @param paddingWaste how much of the useful work a batch of unequal lengths may compute at most:
 *     at 1.15, 15 % more than without padding; 1 joins equal lengths only, which is right for a
 *     model whose results change when its inputs are padded
 * @param seed what was measured before; the scheduler goes on learning from it
 */
public record SizePolicy(@Nullable Duration slo, double paddingWaste, LatencyProfile seed) {
  /** What padding may cost where it is allowed: more joins little and computes much. */
  public static final double DEFAULT_WASTE = 1.15;

  /** No SLO, equal lengths only, nothing known. */
  public static final SizePolicy DEFAULT = new SizePolicy(null, 1, LatencyProfile.UNKNOWN);

  public SizePolicy {
    expect(slo == null || slo.toNanos() > 0, "slo", String.valueOf(slo), "more than 0");
    expect(paddingWaste >= 1 && paddingWaste <= 4, "paddingWaste", paddingWaste, "1 to 4");
  }
}
