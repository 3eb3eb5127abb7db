package dev.millrace.protocol.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants of an endpoint: the body of {@code PUT /api/v1/endpoints/{e}} and the {@code
 * spec} of its YAML form. Either {@code version} (traffic switches to it when it is READY and
 * loaded) or {@code traffic} (fixed weights), never both.
 *
 * @param model the model whose versions serve; defaults to the endpoint's name
 * @param version what should serve
 * @param traffic fixed weights that sum to 100
 * @param serving how to serve it
 * @param pool the pool of runtimes; default {@code cpu}
 * @param suspended whether nothing is to be loaded and no call answered, until somebody says false;
 *     a call does not wake it. Null means false
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EndpointSpec(
    @Nullable String model,
    @Nullable Integer version,
    @Nullable List<TrafficTarget> traffic,
    @Nullable ServingSpec serving,
    @Nullable String pool,
    @Nullable Boolean suspended) {

  /** A spec that says nothing of suspension. */
  public EndpointSpec(
      @Nullable String model,
      @Nullable Integer version,
      @Nullable List<TrafficTarget> traffic,
      @Nullable ServingSpec serving,
      @Nullable String pool) {
    this(model, version, traffic, serving, pool, null);
  }

  /** Whether nothing is to be loaded. */
  public boolean unloaded() {
    return Boolean.TRUE.equals(suspended);
  }

  /** The same, suspended or not; what is not suspended does not say so. */
  public EndpointSpec withSuspended(boolean unloaded) {
    return new EndpointSpec(model, version, traffic, serving, pool, unloaded ? true : null);
  }

  /** The same, served in another way. */
  public EndpointSpec withServing(@Nullable ServingSpec other) {
    return new EndpointSpec(model, version, traffic, other, pool, suspended);
  }
}
