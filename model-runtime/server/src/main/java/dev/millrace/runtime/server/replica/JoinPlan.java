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
import dev.millrace.runtime.engine.SessionSettings;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How requests of one version are joined. The owner's word goes first; where the owner says
 * nothing, a version with a profile is batched and padded only where it was shown that this changes
 * no result. One that nobody has measured is batched, but not padded. What was measured with other
 * engine options than the version runs with counts only as far as those cannot change it.
 *
 * @param maxBatch most rows in one execution
 * @param padding how unequal lengths share a batch; null when they do not
 * @param seed what was measured of its times
 * @param objective share of the latency objective that the usual execution may count on, so that
 *     slower ones keep it as often as the owner wants; more than 0, at most 1
 */
record JoinPlan(
    int maxBatch, @Nullable PaddingPlan padding, LatencyProfile seed, double objective) {
  /** Payloads that wait for one replica, at most: four bodies of the default limit. */
  static final long MAX_QUEUE_BYTES = 256L << 20;

  /** A disturbed measurement must not leave next to nothing of an objective. */
  private static final double LEAST_SHARE = 0.25;

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
    SessionSettings own = SessionSettings.of(serving.engine());
    SessionSettings measured = SessionSettings.of(serving.measuredEngine());
    boolean proven = sameResults(own, measured);
    boolean joins =
        signature.batchable()
            && (scheduling.ownersBatch()
                || profile.map(it -> proven && it.mayBatch()).orElse(true));
    int maxBatch = joins ? serving.batching().maxBatch() : 1;
    boolean pads =
        maxBatch > 1
            && switch (scheduling.padding()) {
              case AUTO -> proven && profile.map(Profile::mayPad).orElse(false);
              case ALWAYS -> true;
              case NEVER -> false;
            };
    // Read in any case: what is wrong in a manifest must show.
    Optional<PaddingPlan> possible = PaddingPlan.of(signature, manifest.padding());
    PaddingPlan padding = pads ? possible.orElse(null) : null;
    Optional<Profile> times = profile.filter(it -> proven && sameTimes(own, measured));
    LatencyProfile seed = times.map(it -> seed(it, padding != null)).orElse(LatencyProfile.UNKNOWN);
    Double attainment = serving.attainment();
    double objective =
        attainment == null ? 1 : times.map(it -> usualShare(it, attainment)).orElse(1.0);
    return new JoinPlan(maxBatch, padding, seed, objective);
  }

  /** Threads and memory change no result; other kernels and another precision do. */
  private static boolean sameResults(SessionSettings own, SessionSettings measured) {
    return own.graph().optimization() == measured.graph().optimization()
        && own.graph().denormalAsZero() == measured.graph().denormalAsZero()
        && own.device().equals(measured.device())
        && own.config().equals(measured.config());
  }

  private static boolean sameTimes(SessionSettings own, SessionSettings measured) {
    return own.threads().equals(measured.threads()) && own.graph().equals(measured.graph());
  }

  /**
   * How the usual time of an execution compares with the one that {@code attainment} of them keep:
   * the median over all cells, between the measured median and the measured 99th percentile.
   */
  private static double usualShare(Profile profile, double attainment) {
    double beyond = (Math.clamp(attainment, 0.5, 0.99) - 0.5) / 0.49;
    double[] shares =
        profile.latency().stream()
            .mapToDouble(
                cell -> {
                  double usual = Math.max(1, cell.p50Micros());
                  double slow = Math.max(usual, cell.p99Micros());
                  return usual / (usual + beyond * (slow - usual));
                })
            .sorted()
            .toArray();
    return shares.length == 0 ? 1 : Math.max(LEAST_SHARE, shares[shares.length / 2]);
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
        new SizePolicy(
            slo(scheduling.slo()), padding == null ? 1 : SizePolicy.DEFAULT_WASTE, seed));
  }

  private @Nullable Duration slo(@Nullable Duration asked) {
    return asked == null
        ? null
        : Duration.ofNanos(Math.max(1, Math.round(asked.toNanos() * objective)));
  }
}
