package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.routing.RequestTarget.Action;
import dev.millrace.gateway.routing.RequestTarget.ModelCall;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Calls whose path names the model: the body streams on without being looked at. */
@Singleton
class RestHandler implements CallHandler {
  private final CallRouter router;
  private final Forwarder forwarder;
  private final long bound;

  @Inject
  RestHandler(CallRouter router, Forwarder forwarder, GatewayOptions options) {
    this.router = router;
    this.forwarder = forwarder;
    this.bound = options.maxBodySize();
  }

  @Override
  public void handle(Exchange exchange) {
    if (!(exchange.target() instanceof ModelCall call)) {
      throw new IllegalStateException("not a model call: " + exchange.target());
    }
    long announced = RequestBody.checkedLength(exchange, bound);
    var route = router.route(exchange, call.endpoint(), call.version());
    var deadline = router.deadline(exchange, route);
    UpstreamBody body =
        call.action() == Action.INFER
            ? RequestBody.streaming(exchange, bound, announced)
            : UpstreamBody.EMPTY;
    var uri = RequestBody.uri(exchange, exchange.path());
    forwarder.forward(exchange, new Forwarder.Call(Kind.HTTP, uri, body, deadline));
  }
}
