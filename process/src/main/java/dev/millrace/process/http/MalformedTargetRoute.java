package dev.millrace.process.http;

import dev.millrace.protocol.error.ErrorJson;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.http.RequestIds;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Refuses requests whose target is no URI, before anybody reads the target. The gateway's front
 * door comes earlier and does the same for itself, in its callers' own forms.
 */
@Singleton
class MalformedTargetRoute {
  /** Behind the gateway's front door, before the runtime's routes and those of the framework. */
  private static final int ORDER = -500_000;

  void mount(@Observes Router router) {
    // One without a path fails in the framework before it comes to handlers.
    router
        .route()
        .order(ORDER)
        .handler(MalformedTargetRoute::check)
        .failureHandler(MalformedTargetRoute::check);
  }

  private static void check(RoutingContext context) {
    var refusal = RequestTargets.refusal(context.request().uri());
    if (refusal.isEmpty() || context.response().headWritten()) {
      context.next();
      return;
    }
    answer(context, refusal.get());
  }

  private static void answer(RoutingContext context, MillraceException refusal) {
    context
        .response()
        .setStatusCode(refusal.code().httpStatus())
        .putHeader("content-type", "application/json")
        .putHeader(
            MillraceHeaders.REQUEST_ID,
            RequestIds.orNew(context.request().getHeader(MillraceHeaders.REQUEST_ID)))
        .end(Buffer.buffer(ErrorJson.write(refusal)))
        .onFailure(gone -> {});
    // What is left of a body is thrown away, so that the connection can go on.
    context.request().resume();
  }
}
