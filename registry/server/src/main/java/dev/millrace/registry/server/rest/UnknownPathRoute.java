package dev.millrace.registry.server.rest;

import dev.millrace.protocol.error.ErrorBody;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.UUID;

/** The last route under the registry's paths: whatever no resource took gets our error body. */
@Singleton
class UnknownPathRoute {
  /** Behind every route of the framework. */
  private static final int LAST = 1_000_000;

  void mount(@Observes Router router) {
    router.route("/api/v1/*").order(LAST).handler(UnknownPathRoute::answer);
    router.route("/internal/v1/*").order(LAST).handler(UnknownPathRoute::answer);
  }

  private static void answer(RoutingContext context) {
    var failure =
        MillraceException.of(
            ErrorCode.NOT_FOUND, "there is nothing at '%s'", context.normalizedPath());
    context
        .response()
        .setStatusCode(404)
        .putHeader("content-type", "application/json")
        .putHeader(MillraceHeaders.REQUEST_ID, UUID.randomUUID().toString())
        .end(Buffer.buffer(Answers.bytes(ErrorBody.of(failure))))
        .onFailure(gone -> context.response().close());
  }
}
