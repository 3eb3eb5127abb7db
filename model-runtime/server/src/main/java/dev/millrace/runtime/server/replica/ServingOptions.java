package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.server.config.BatchingOptions;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one version is served: what its endpoint says, else the runtime's defaults.
 *
 * @param timeout longest time a call may take when its caller names none
 * @param batching how requests are joined
 * @param engine options of its sessions by name, checked when they are made
 * @param idleAfter after how long without calls it is unloaded until the next one; null means not
 *     for being idle
 * @param pinned whether it stays in memory in any case
 * @param scheduling how the queue behaves
 * @param measuredEngine options of the session that this runtime's profiles are measured with: its
 *     own, whatever an endpoint says
 * @param attainment share of the calls that should keep the latency objective; null for the usual
 *     one
 * @param acceptTokenIds whether embeddings take token ids in place of strings
 */
public record ServingOptions(
    Duration timeout,
    BatchingOptions batching,
    Map<String, String> engine,
    @Nullable Duration idleAfter,
    boolean pinned,
    SchedulingOptions scheduling,
    Map<String, String> measuredEngine,
    @Nullable Double attainment,
    boolean acceptTokenIds) {
  /** What {@code idleAfter} says of a version that must stay in memory. */
  private static final String NEVER = "never";

  public ServingOptions {
    engine = Map.copyOf(engine);
    measuredEngine = Map.copyOf(measuredEngine);
  }

  /** With the engine's own options, and never unloaded for being idle. */
  public ServingOptions(Duration timeout, BatchingOptions batching) {
    this(timeout, batching, Map.of(), null, SchedulingOptions.DEFAULT);
  }

  /** As measured, not bound to stay in memory, without token ids. */
  public ServingOptions(
      Duration timeout,
      BatchingOptions batching,
      Map<String, String> engine,
      @Nullable Duration idleAfter,
      SchedulingOptions scheduling) {
    this(timeout, batching, engine, idleAfter, false, scheduling, engine, null, false);
  }

  /** With the queue's own options. */
  public ServingOptions(
      Duration timeout,
      BatchingOptions batching,
      Map<String, String> engine,
      @Nullable Duration idleAfter) {
    this(timeout, batching, engine, idleAfter, SchedulingOptions.DEFAULT);
  }

  /**
   * Whether what was loaded by these options can be served by the others as it is: they differ in
   * nothing that sessions or queue are made by.
   */
  boolean loadsAs(ServingOptions others) {
    return others.equals(
        new ServingOptions(
            others.timeout(),
            batching,
            engine,
            others.idleAfter(),
            others.pinned(),
            scheduling,
            measuredEngine,
            attainment,
            others.acceptTokenIds()));
  }

  /**
   * The options of {@code version}. Several endpoints may serve a version: the one that sends it
   * traffic decides, then the one of the model's own name.
   */
  public static ServingOptions of(Snapshot snapshot, VersionKey version, ServingOptions defaults) {
    return snapshot.endpoints().stream()
        .filter(
            endpoint ->
                endpoint.project().equals(version.project())
                    && endpoint.model().equals(version.model()))
        .max(
            Comparator.<EndpointEntry>comparingInt(endpoint -> weight(endpoint, version))
                .thenComparing(endpoint -> endpoint.name().equals(version.model())))
        .map(endpoint -> defaults.overriddenBy(endpoint.serving()))
        .orElse(defaults);
  }

  private ServingOptions overriddenBy(ServingSpec spec) {
    boolean never = NEVER.equals(spec.idleAfter());
    return new ServingOptions(
        SpecDurations.parse(spec.timeout()).orElse(timeout),
        new BatchingOptions(
            positive(spec.maxBatch(), batching.maxBatch()),
            positive(spec.maxQueue(), batching.maxQueue()),
            SpecDurations.parse(spec.maxDelay()).orElse(batching.maxDelay())),
        merged(spec.engine()),
        never ? null : SpecDurations.parse(spec.idleAfter()).orElse(idleAfter),
        never,
        SchedulingOptions.of(spec),
        measuredEngine,
        spec.slo() == null ? null : spec.slo().attainment(),
        Boolean.TRUE.equals(spec.acceptTokenIds()));
  }

  private Map<String, String> merged(@Nullable Map<String, String> own) {
    if (own == null || own.isEmpty()) {
      return engine;
    }
    var all = new HashMap<>(engine);
    all.putAll(own);
    return all;
  }

  /** The registry has checked the values; an odd one from a newer registry falls back. */
  private static int positive(@Nullable Integer value, int otherwise) {
    return value == null || value < 1 ? otherwise : value;
  }

  private static int weight(EndpointEntry endpoint, VersionKey version) {
    return endpoint.traffic().stream()
        .filter(target -> target.version() == version.version())
        .mapToInt(target -> target.weight())
        .max()
        .orElse(-1);
  }
}
