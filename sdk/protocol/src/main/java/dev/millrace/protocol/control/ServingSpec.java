package dev.millrace.protocol.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint wants to be served. A null field means the platform's default.
 *
 * @param timeout longest time a call may take when the caller names none, for example {@code 30s}
 * @param maxBatch most rows in one execution, at least 1
 * @param maxDelay longest wait for company, counted from the oldest arrival, for example {@code
 *     2ms}
 * @param maxQueue most requests waiting; the next one is OVERLOADED
 * @param idleAfter after how long without calls the version is unloaded until the next one, for
 *     example {@code 10m}; null leaves it to the runtime
 * @param engine options of the inference engine by name, for example {@code instances: 2} or {@code
 *     device: cuda:0}; an unknown one fails the load with the nearest known
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServingSpec(
    @Nullable String timeout,
    @Nullable Integer maxBatch,
    @Nullable String maxDelay,
    @Nullable Integer maxQueue,
    @Nullable String idleAfter,
    @Nullable Map<String, String> engine) {

  /** Nothing asked for. */
  public static final ServingSpec DEFAULT = new ServingSpec(null, null, null, null);

  public ServingSpec {
    engine = engine == null ? null : Map.copyOf(engine);
  }

  /** How requests are joined; the engine as it comes. */
  public ServingSpec(
      @Nullable String timeout,
      @Nullable Integer maxBatch,
      @Nullable String maxDelay,
      @Nullable Integer maxQueue) {
    this(timeout, maxBatch, maxDelay, maxQueue, null, null);
  }
}
