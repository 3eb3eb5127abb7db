package dev.millrace.protocol.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint wants to be served. A null field means the platform's default.
 *
 * @param timeout longest time a call may take when the caller names none, for example {@code 30s}
 * @param maxBatch most rows in one execution, at least 1
 * @param maxDelay longest wait for company, counted from the oldest arrival, for example {@code
 *     2ms}
 * @param maxQueue most requests waiting; the next one is OVERLOADED
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServingSpec(
    @Nullable String timeout,
    @Nullable Integer maxBatch,
    @Nullable String maxDelay,
    @Nullable Integer maxQueue) {

  /** Nothing asked for. */
  public static final ServingSpec DEFAULT = new ServingSpec(null, null, null, null);
}
