package dev.millrace.registry.server.openapi;

import dev.millrace.registry.Registry;
import dev.millrace.registry.server.rest.Answers;
import dev.millrace.registry.server.rest.Caller;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** The document of one endpoint. */
@Path("/api/v1/endpoints/{endpoint}/openapi")
@RunOnVirtualThread
public class EndpointOpenApiResource {
  private final Registry registry;
  private final OpenApiResource whole;

  /** Reads from {@code registry}; cuts out of {@code whole}. */
  @Inject
  public EndpointOpenApiResource(Registry registry, OpenApiResource whole) {
    this.registry = registry;
    this.whole = whole;
  }

  /** With the tensors of the version that serves. */
  @GET
  public Response openApi(@Context HttpHeaders headers, @PathParam("endpoint") String endpoint) {
    var project = Caller.of(headers).project();
    var served = registry.snippets().served(project, endpoint, CallerAddress.of(headers));
    return CallerAddress.forOneCaller(
        Answers.json(200, EndpointOpenApi.of(whole.document(), served)));
  }
}
