package dev.millrace.registry.server.rest;

import dev.millrace.protocol.control.EndpointDocument;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.Registry;
import dev.millrace.registry.endpoint.Endpoints;
import dev.millrace.registry.model.NameRule;
import dev.millrace.registry.paging.PageRequest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What clients call, declared. */
@Path("/api/v1/endpoints")
@RunOnVirtualThread
public class EndpointsResource {
  private static final String REVERT = ":revert";

  private final Registry registry;

  /** Routes into {@code registry}. */
  @Inject
  public EndpointsResource(Registry registry) {
    this.registry = registry;
  }

  /** Endpoints of the caller's project. */
  @GET
  public Response list(
      @Context HttpHeaders headers,
      @QueryParam("pageSize") @Nullable Integer pageSize,
      @QueryParam("pageToken") @Nullable String pageToken) {
    var page = PageRequest.of(pageSize, pageToken);
    return Answers.json(200, registry.endpoints().list(Caller.of(headers).project(), page)).build();
  }

  /** One endpoint; its revision is the {@code ETag}. */
  @GET
  @Path("/{endpoint}")
  public Response get(@Context HttpHeaders headers, @PathParam("endpoint") String endpoint) {
    return answer(200, registry.endpoints().get(Caller.of(headers).project(), endpoint));
  }

  /** Makes an endpoint or gives it another spec; {@code If-Match} makes it a compare-and-set. */
  @PUT
  @Path("/{endpoint}")
  public Response put(
      @Context HttpHeaders headers, @PathParam("endpoint") String endpoint, InputStream body) {
    var spec = Bodies.document(headers, body, EndpointSpec.class);
    var caller = Caller.of(headers);
    return answer(
        200, registry.endpoints().put(caller.project(), endpoint, spec, write(headers, caller)));
  }

  /** Deletes an endpoint. */
  @DELETE
  @Path("/{endpoint}")
  public Response delete(@Context HttpHeaders headers, @PathParam("endpoint") String endpoint) {
    var caller = Caller.of(headers);
    registry.endpoints().delete(caller.project(), endpoint, write(headers, caller));
    return Response.noContent().build();
  }

  /** Verbs on an endpoint: {@code POST /endpoints/NAME:revert}. */
  @POST
  @Path("/{call}")
  public Response call(
      @Context HttpHeaders headers,
      @PathParam("call") String call,
      @QueryParam("revision") @Nullable Long revision) {
    if (!call.endsWith(REVERT)) {
      throw MillraceException.of(
          ErrorCode.NOT_FOUND,
          "there is no call '%s' (expected: NAME:revert)",
          NameRule.quoted(call));
    }
    var caller = Caller.of(headers);
    var endpoint = call.substring(0, call.length() - REVERT.length());
    return answer(
        200,
        registry
            .endpoints()
            .revert(
                caller.project(),
                endpoint,
                revision == null ? OptionalLong.empty() : OptionalLong.of(revision),
                write(headers, caller)));
  }

  /** What the endpoint does now and what it waits for. */
  @GET
  @Path("/{endpoint}/status")
  public Response status(@Context HttpHeaders headers, @PathParam("endpoint") String endpoint) {
    var document = registry.endpoints().get(Caller.of(headers).project(), endpoint);
    return Answers.json(200, document.status(), document.revision()).build();
  }

  /** Past and present specs, the newest first. */
  @GET
  @Path("/{endpoint}/revisions")
  public Response revisions(
      @Context HttpHeaders headers,
      @PathParam("endpoint") String endpoint,
      @QueryParam("pageSize") @Nullable Integer pageSize,
      @QueryParam("pageToken") @Nullable String pageToken) {
    var page = PageRequest.of(pageSize, pageToken);
    var project = Caller.of(headers).project();
    return Answers.json(200, registry.endpoints().revisions(project, endpoint, page)).build();
  }

  private static Endpoints.Write write(HttpHeaders headers, Caller caller) {
    return new Endpoints.Write(Preconditions.expected(headers), caller.actor());
  }

  private static Response answer(int status, EndpointDocument document) {
    return Answers.json(status, document, document.revision()).build();
  }
}
