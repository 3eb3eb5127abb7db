package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.inspect.JsonModelScanner;
import dev.millrace.gateway.routing.RequestTarget.OpenAiCall;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Calls whose body names the model: the body is kept, looked at, and sent on as it came. */
@Singleton
class OpenAiHandler implements CallHandler {
  private final CallRouter router;
  private final Forwarder forwarder;
  private final long bound;

  @Inject
  OpenAiHandler(CallRouter router, Forwarder forwarder, GatewayOptions options) {
    this.router = router;
    this.forwarder = forwarder;
    this.bound = options.maxBodySize();
  }

  @Override
  public void handle(Exchange exchange) {
    if (!(exchange.target() instanceof OpenAiCall call)) {
      throw new IllegalStateException("not an OpenAI call: " + exchange.target());
    }
    long announced = RequestBody.checkedLength(exchange, bound);
    RequestBody.streaming(exchange, bound, announced)
        .collect()
        .compose(
            body ->
                BodyScan.scan(exchange, body, bound, JsonModelScanner::model)
                    .map(model -> new Named(model, body)))
        .onFailure(exchange::fail)
        .onSuccess(named -> forward(exchange, call, named));
  }

  private record Named(String model, Buffer body) {}

  private void forward(Exchange exchange, OpenAiCall call, Named named) {
    try {
      var route = router.route(exchange, named.model(), null);
      var deadline = router.deadline(exchange, route);
      var uri = RequestBody.uri(exchange, call.path());
      var body = new UpstreamBody.Whole(named.body());
      forwarder.forward(exchange, new Forwarder.Call(Kind.HTTP, uri, body, deadline));
    } catch (RuntimeException refused) {
      exchange.fail(refused);
    }
  }
}
