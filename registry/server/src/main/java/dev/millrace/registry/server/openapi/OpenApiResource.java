package dev.millrace.registry.server.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.registry.server.rest.Answers;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** The document of the whole API. */
@Path("/q/openapi")
@Singleton
@RunOnVirtualThread
public class OpenApiResource {
  private final String version;
  private volatile @Nullable ObjectNode document;

  /** Describes the platform of that version. */
  @Inject
  public OpenApiResource(
      @ConfigProperty(name = "quarkus.application.version", defaultValue = "unknown")
          String version) {
    this.version = version;
  }

  /** The same for everybody. */
  @GET
  public Response openApi() {
    return Answers.json(200, document()).build();
  }

  /** Read when somebody first asks, so that no start pays for it; never changed afterwards. */
  ObjectNode document() {
    var known = document;
    if (known == null) {
      known = OpenApiDocument.read(version);
      document = known;
    }
    return known;
  }
}
