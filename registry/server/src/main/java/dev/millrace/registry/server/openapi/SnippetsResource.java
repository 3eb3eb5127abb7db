package dev.millrace.registry.server.openapi;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.registry.Registry;
import dev.millrace.registry.server.rest.Answers;
import dev.millrace.registry.server.rest.Caller;
import dev.millrace.registry.snippet.SnippetLanguage;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How one endpoint is called. */
@Path("/api/v1/endpoints/{endpoint}/snippets")
@RunOnVirtualThread
public class SnippetsResource {
  private final Registry registry;

  /** Reads from {@code registry}. */
  @Inject
  public SnippetsResource(Registry registry) {
    this.registry = registry;
  }

  /** In one language or all; with {@code Accept: text/plain} the code of one. */
  @GET
  public Response snippets(
      @Context HttpHeaders headers,
      @PathParam("endpoint") String endpoint,
      @QueryParam("language") @Nullable String language) {
    var languages =
        language == null || language.isEmpty()
            ? List.of(SnippetLanguage.values())
            : List.of(SnippetLanguage.of(language));
    var project = Caller.of(headers).project();
    var document = registry.snippets().of(project, endpoint, CallerAddress.of(headers), languages);
    @Nullable String accept = headers.getHeaderString("accept");
    return CallerAddress.forOneCaller(
        languages.size() == 1 && accept != null && accept.startsWith("text/plain")
            ? Response.ok(document.snippets().get(0).code().getBytes(UTF_8))
                .type("text/plain;charset=utf-8")
            : Answers.json(200, document));
  }
}
