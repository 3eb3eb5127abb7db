package dev.millrace.registry.server.openapi;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Objects;

/** The gRPC service, for code generators and grpcurl. */
@Path("/api/v1/open_inference.proto")
@RunOnVirtualThread
public class ProtoResource {
  /** As it was compiled. */
  @GET
  public Response proto() throws IOException {
    try (var file = ProtoResource.class.getResourceAsStream("/open_inference.proto")) {
      return Response.ok(Objects.requireNonNull(file, "open_inference.proto").readAllBytes())
          .type("text/plain;charset=utf-8")
          .build();
    }
  }
}
