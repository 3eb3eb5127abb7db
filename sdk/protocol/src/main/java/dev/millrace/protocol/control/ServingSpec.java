package dev.millrace.protocol.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint wants to be served. A null field means the platform's default; so does {@code
 * auto} where a number may stand.
 *
 * @param timeout longest time a call may take when the caller names none, for example {@code 30s}
 * @param maxBatch most rows in one execution, at least 1; {@code auto} leaves it to what was
 *     measured
 * @param maxDelay longest wait for company, counted from the oldest arrival, for example {@code
 *     2ms}
 * @param maxQueue most requests waiting; the next one is OVERLOADED
 * @param idleAfter after how long without calls the version is unloaded until the next one, for
 *     example {@code 10m}; {@code never} keeps it in memory also when others need it; null leaves
 *     it to the runtime
 * @param engine options of the inference engine by name, for example {@code instances: 2} or {@code
 *     device: cuda:0}; an unknown one fails the load with the nearest known
 * @param slo what latency calls should have
 * @param padding whether requests of unequal length may share a batch: {@code auto} where it was
 *     measured that padding changes no result, {@code never}, or {@code always}
 * @param priorityLevels how many levels {@code millrace-priority} tells apart, 1 to 64
 * @param queueTimeout longest wait in the queue when the request's own {@code timeout} parameter
 *     names none, for example {@code 100ms}
 * @param timeoutAction what happens to a request that waits longer: {@code reject} or {@code delay}
 * @param preserveOrdering whether results keep the order of arrival
 * @param instances how many executions may run at once, at least 1; {@code auto} leaves it to what
 *     was measured
 * @param cache keeps answers for the next identical call; null means that nothing is kept
 * @param acceptTokenIds whether embeddings take token ids in place of strings: true where every
 *     caller uses the model's own tokenizer; null means false
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServingSpec(
    @Nullable String timeout,
    @JsonDeserialize(using = AutoCount.class) @Nullable Integer maxBatch,
    @Nullable String maxDelay,
    @Nullable Integer maxQueue,
    @Nullable String idleAfter,
    @Nullable Map<String, String> engine,
    @Nullable Slo slo,
    @Nullable String padding,
    @Nullable Integer priorityLevels,
    @Nullable String queueTimeout,
    @Nullable String timeoutAction,
    @Nullable Boolean preserveOrdering,
    @JsonDeserialize(using = AutoCount.class) @Nullable Integer instances,
    @Nullable Cache cache,
    @Nullable Boolean acceptTokenIds) {

  /** Nothing asked for. */
  public static final ServingSpec DEFAULT = new ServingSpec(null, null, null, null);

  /**
   * What latency calls should have.
   *
   * @param latency for example {@code 50ms}: no batch is built that would take more than half of it
   * @param attainment share of the calls that should keep it, more than 0 and less than 1
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Slo(@Nullable String latency, @Nullable Double attainment) {}

  /**
   * Answers that are kept for identical calls of versions that were measured to be deterministic.
   *
   * @param ttl how long an answer may be given again, for example {@code 60s}; null means {@value
   *     #DEFAULT_TTL}
   * @param maxBytes most memory that the kept answers may take on each runtime, for example {@code
   *     64Mi}; null means {@value #DEFAULT_MAX_BYTES}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Cache(@Nullable String ttl, @Nullable String maxBytes) {
    /** How long an answer is kept when nobody says. */
    public static final String DEFAULT_TTL = "60s";

    /** What the answers may take when nobody says. */
    public static final String DEFAULT_MAX_BYTES = "64Mi";
  }

  public ServingSpec {
    engine = engine == null ? null : Map.copyOf(engine);
  }

  /** Batch size, delay and queue; the rest by default. */
  public ServingSpec(
      @Nullable String timeout,
      @Nullable Integer maxBatch,
      @Nullable String maxDelay,
      @Nullable Integer maxQueue) {
    this(timeout, maxBatch, maxDelay, maxQueue, null, null);
  }

  /** The same with what the engine is asked for. */
  public ServingSpec(
      @Nullable String timeout,
      @Nullable Integer maxBatch,
      @Nullable String maxDelay,
      @Nullable Integer maxQueue,
      @Nullable String idleAfter,
      @Nullable Map<String, String> engine) {
    this(
        timeout, maxBatch, maxDelay, maxQueue, idleAfter, engine, null, null, null, null, null,
        null, null);
  }

  /** Everything but a cache and what text routes take. */
  public ServingSpec(
      @Nullable String timeout,
      @Nullable Integer maxBatch,
      @Nullable String maxDelay,
      @Nullable Integer maxQueue,
      @Nullable String idleAfter,
      @Nullable Map<String, String> engine,
      @Nullable Slo slo,
      @Nullable String padding,
      @Nullable Integer priorityLevels,
      @Nullable String queueTimeout,
      @Nullable String timeoutAction,
      @Nullable Boolean preserveOrdering,
      @Nullable Integer instances) {
    this(
        timeout,
        maxBatch,
        maxDelay,
        maxQueue,
        idleAfter,
        engine,
        slo,
        padding,
        priorityLevels,
        queueTimeout,
        timeoutAction,
        preserveOrdering,
        instances,
        null,
        null);
  }

  /** The same with a cache; null switches it off. */
  public ServingSpec withCache(@Nullable Cache kept) {
    return with(kept, acceptTokenIds);
  }

  /** The same, and whether embeddings take token ids. */
  public ServingSpec withAcceptTokenIds(boolean accepted) {
    return with(cache, accepted);
  }

  private ServingSpec with(@Nullable Cache kept, @Nullable Boolean accepted) {
    return new ServingSpec(
        timeout,
        maxBatch,
        maxDelay,
        maxQueue,
        idleAfter,
        engine,
        slo,
        padding,
        priorityLevels,
        queueTimeout,
        timeoutAction,
        preserveOrdering,
        instances,
        kept,
        accepted);
  }
}
