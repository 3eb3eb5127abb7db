package dev.millrace.runtime.server.http;

import dev.millrace.runtime.server.body.BodyMemory;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.oip.ClusterToken;
import dev.millrace.runtime.server.oip.OipHttpHandler;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/** Mounts the inference routes, unless another server calls the handlers directly. */
@ApplicationScoped
class RuntimeRoutes {
  /** Before anything that the framework mounts, so that no body handler touches the request. */
  private static final int FIRST = -10_000;

  private static final List<String> PATHS = List.of("/v2", "/v2/*", "/v1/*", "/openai/v1/*");

  private final RuntimeOptions options;
  private final OipHttpHandler handler;
  private final ClusterToken token;
  private final BodyMemory bodies;

  RuntimeRoutes(
      RuntimeOptions options, OipHttpHandler handler, ClusterToken token, BodyMemory bodies) {
    this.options = options;
    this.handler = handler;
    this.token = token;
    this.bodies = bodies;
  }

  void mount(@Observes Router router) {
    if (!options.listen().routes()) {
      return;
    }
    for (String path : PATHS) {
      router.route(path).order(FIRST).handler(this::serve);
    }
  }

  private void serve(RoutingContext routing) {
    int limit = options.limits().maxBodyBytes();
    new HttpExchange(routing.request(), handler, token, bodies, limit).start();
  }
}
