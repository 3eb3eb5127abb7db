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
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EndpointSpec(
    @Nullable String model,
    @Nullable Integer version,
    @Nullable List<TrafficTarget> traffic,
    @Nullable ServingSpec serving,
    @Nullable String pool) {}
