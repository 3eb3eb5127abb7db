package dev.millrace.gateway.server.control;

import dev.millrace.gateway.server.exchange.AnswerRelay;
import dev.millrace.gateway.server.exchange.ClientBody;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.HopHeaders;
import dev.millrace.gateway.server.upstream.RequestSender;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamResponse;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The registry over HTTP. Streams both ways at the slower side's pace: uploads of gigabytes and
 * event streams take constant memory. There is no deadline; a client that goes away ends the call.
 */
final class HttpControlUpstream implements ControlUpstream {
  private final HttpClient client;
  private final URI registry;
  private final String token;

  HttpControlUpstream(HttpClient client, URI registry, String token) {
    this.client = client;
    this.registry = registry;
    this.token = token;
  }

  @Override
  public void forward(Exchange exchange) {
    var body = new ClientBody(exchange, Long.MAX_VALUE);
    client
        .request(target(exchange))
        .compose(call -> send(exchange, call, body))
        .onFailure(broken -> exchange.fail(unreachable(broken)))
        .onSuccess(answer -> AnswerRelay.relay(exchange, UpstreamResponse.of(answer)));
  }

  private RequestOptions target(Exchange exchange) {
    boolean tls = "https".equals(registry.getScheme());
    var request = exchange.request();
    var query = request.query();
    return new RequestOptions()
        .setHost(registry.getHost())
        .setPort(registry.getPort() > 0 ? registry.getPort() : tls ? 443 : 80)
        .setSsl(tls)
        .setMethod(request.method())
        .setURI(query == null ? exchange.path() : exchange.path() + "?" + query);
  }

  private Future<HttpClientResponse> send(
      Exchange exchange, HttpClientRequest call, ClientBody body) {
    call.headers().addAll(HopHeaders.ofRequest(exchange.request().headers()));
    ControlHeaders.add(exchange, call.headers(), token);
    boolean hasBody =
        call.headers().contains("content-length")
            || exchange.request().headers().contains("transfer-encoding")
            || !exchange.isHttp1() && !body.ended();
    UpstreamBody bytes = hasBody ? new UpstreamBody.Streaming(body, -1) : UpstreamBody.EMPTY;
    exchange.closeIfAnsweredEarly();
    if (!hasBody) {
      return RequestSender.send(call, bytes, exchange.cancelSignal());
    }
    call.setChunked(!call.headers().contains("content-length"));
    if (exchange.awaitsContinue()) {
      return sendWhenAsked(exchange, call, bytes);
    }
    // The head goes ahead of the body: the registry may refuse by what it says.
    return call.sendHead()
        .compose(sent -> RequestSender.send(call, bytes, exchange.cancelSignal()));
  }

  /** The client holds its body back until it is asked for: the registry decides. */
  private static Future<HttpClientResponse> sendWhenAsked(
      Exchange exchange, HttpClientRequest call, UpstreamBody body) {
    var asked = new AtomicBoolean();
    call.exceptionHandler(broken -> {});
    call.putHeader(HttpHeaders.EXPECT, "100-continue");
    call.continueHandler(
        go -> {
          if (asked.compareAndSet(false, true)) {
            RequestSender.send(call, body, exchange.cancelSignal()).onFailure(exchange::fail);
          }
        });
    exchange.whenOver(
        over -> {
          if (!asked.get()) {
            // The call's body never comes, so its connection cannot carry another.
            call.reset();
          }
        });
    return call.sendHead().compose(sent -> call.response());
  }

  private MillraceException unreachable(Throwable broken) {
    if (broken instanceof MillraceException known) {
      return known;
    }
    return MillraceException.of(
            ErrorCode.OVERLOADED, "the registry cannot be reached: %s", broken.getMessage())
        .withRetryAfter(Duration.ofSeconds(1));
  }
}
