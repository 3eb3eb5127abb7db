package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.inspect.JsonSequenceScanner;
import dev.millrace.gateway.routing.RequestTarget.Action;
import dev.millrace.gateway.routing.RequestTarget.ModelCall;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
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
    if (call.action() == Action.READY && answersNotReady(exchange, call)) {
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

  /** Not ready is an answer here, not a failure: clients of Triton expect its 400. */
  private boolean answersNotReady(Exchange exchange, ModelCall call) {
    try {
      router.route(exchange, call.endpoint(), call.version());
      return false;
    } catch (MillraceException why) {
      if (why.code() != ErrorCode.MODEL_NOT_READY) {
        throw why;
      }
      var answer = ControlJson.lenient().createObjectNode();
      answer.put("name", call.endpoint()).put("ready", false);
      answer.put("error", why.message()).put("code", why.code().name());
      exchange.answer(400, "application/json", Buffer.buffer(answer.toString()));
      return true;
    }
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
