package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.inspect.JsonSequenceScanner;
import dev.millrace.gateway.routing.RequestTarget.Action;
import dev.millrace.gateway.routing.RequestTarget.ModelCall;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * Calls whose path names the model: the body streams on without being looked at, but for models
 * that keep something within sequences.
 */
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
    if (call.action() == Action.INFER && router.keepsState(exchange, call.endpoint())) {
      inferInSequence(exchange, call, announced);
      return;
    }
    var route = router.route(exchange, call.endpoint(), call.version());
    var deadline = router.deadline(exchange, route);
    UpstreamBody body =
        call.action() == Action.INFER
            ? RequestBody.streaming(exchange, bound, announced)
            : UpstreamBody.EMPTY;
    var uri = RequestBody.uri(exchange, exchange.path());
    forwarder.forward(exchange, new Forwarder.Call(Kind.HTTP, uri, body, deadline));
  }

  /** The body says which sequence it belongs to: it is kept, looked at, and sent on as it came. */
  private void inferInSequence(Exchange exchange, ModelCall call, long announced) {
    RequestBody.streaming(exchange, bound, announced)
        .collect()
        .compose(
            body ->
                BodyScan.scan(exchange, body, bound, JsonSequenceScanner::sequence)
                    .map(sequence -> new Kept(sequence, body)))
        .onFailure(exchange::fail)
        .onSuccess(kept -> forward(exchange, call, kept));
  }

  private record Kept(Optional<String> sequence, Buffer body) {}

  private void forward(Exchange exchange, ModelCall call, Kept kept) {
    try {
      var route =
          router.route(exchange, call.endpoint(), call.version(), kept.sequence().orElse(null));
      var deadline = router.deadline(exchange, route);
      var uri = RequestBody.uri(exchange, exchange.path());
      var body = new UpstreamBody.Whole(kept.body());
      forwarder.forward(exchange, new Forwarder.Call(Kind.HTTP, uri, body, deadline));
    } catch (RuntimeException refused) {
      exchange.fail(refused);
    }
  }
}
