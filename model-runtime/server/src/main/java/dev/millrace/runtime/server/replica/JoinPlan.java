package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import dev.millrace.runtime.batching.BatchOptions;
import dev.millrace.runtime.batching.LatencyProfile;
import dev.millrace.runtime.batching.QueuePolicy;
import dev.millrace.runtime.batching.SizePolicy;
import dev.millrace.runtime.engine.ModelLoadException;
import dev.millrace.runtime.engine.PaddingPlan;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How requests of one version are joined. The owner's word goes first; where the owner says
 * nothing, a version with a profile is batched and padded only where it was shown that this changes
 * no result. One that nobody has measured is batched, but not padded.
 *
 * @param maxBatch most rows in one execution
 * @param padding how unequal lengths share a batch; null when they do not
 * @param seed what was measured of its times
 */
record JoinPlan(int maxBatch, @Nullable PaddingPlan padding, LatencyProfile seed) {
  /** Payloads that wait for one replica, at most: four bodies of the default limit. */
  static final long MAX_QUEUE_BYTES = 256L << 20;

  private static final Duration AGEING = Duration.ofSeconds(1);

  /**
   * The plan of a version.
   *
   * @param profile what was measured on this hardware class, if anything was
   * @throws ModelLoadException when the manifest's pad values do not fit the signature
   */
  static JoinPlan of(
      ServingOptions serving,
      Signature signature,
      ModelManifest manifest,
      Optional<Profile> profile)
      throws ModelLoadException {
    SchedulingOptions scheduling = serving.scheduling();
    boolean joins =
        signature.batchable()
            && (scheduling.ownersBatch() || profile.map(Profile::mayBatch).orElse(true));
    int maxBatch = joins ? serving.batching().maxBatch() : 1;
    boolean pads =
        maxBatch > 1
            && switch (scheduling.padding()) {
              case AUTO -> profile.map(Profile::mayPad).orElse(false);
              case ALWAYS -> true;
              case NEVER -> false;
            };
    // Read in any case: what is wrong in a manifest must show.
    Optional<PaddingPlan> possible = PaddingPlan.of(signature, manifest.padding());
    PaddingPlan padding = pads ? possible.orElse(null) : null;
    LatencyProfile seed =
        profile.map(it -> seed(it, padding != null)).orElse(LatencyProfile.UNKNOWN);
    return new JoinPlan(maxBatch, padding, seed);
  }

  /** Times by length mean something only where requests tell their length. */
  private static LatencyProfile seed(Profile profile, boolean lengths) {
    return new LatencyProfile(
        profile.latency().stream()
            .filter(cell -> lengths || cell.length() == 0)
            .map(
                cell ->
                    new LatencyProfile.Point(
                        cell.batch(),
                        cell.length(),
                        Duration.ofNanos(Math.max(1, cell.p50Micros()) * 1_000)))
            .toList());
  }

  /**
   * What the scheduler of the version is told.
   *
   * @param sessions how many executions may run at once
   */
  BatchOptions options(ServingOptions serving, int sessions) {
    SchedulingOptions scheduling = serving.scheduling();
    return new BatchOptions(
        maxBatch,
        serving.batching().maxDelay(),
        sessions,
        new QueuePolicy(
            serving.batching().maxQueue(),
            MAX_QUEUE_BYTES,
            scheduling.priorityLevels(),
            AGEING,
            scheduling.timeoutAction(),
            scheduling.ordering()),
        new SizePolicy(scheduling.slo(), padding == null ? 1 : SizePolicy.DEFAULT_WASTE, seed));
  }
}
