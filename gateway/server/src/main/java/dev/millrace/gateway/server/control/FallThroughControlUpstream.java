package dev.millrace.gateway.server.control;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.protocol.http.MillraceHeaders;

/**
 * The registry in the same process: the request goes on to the routes mounted behind the gateway.
 * It has not been read (all filters run in the same turn of the event loop as its arrival), so
 * whoever answers sees it as if it had come straight from the client.
 */
final class FallThroughControlUpstream implements ControlUpstream {
  private final String token;

  FallThroughControlUpstream(String token) {
    this.token = token;
  }

  @Override
  public void forward(Exchange exchange) {
    ControlHeaders.add(exchange, exchange.request().headers(), token);
    exchange.closeIfAnsweredEarly();
    // The registry names the call too, by the same id: once is enough.
    exchange
        .context()
        .addHeadersEndHandler(
            head ->
                exchange.response().putHeader(MillraceHeaders.REQUEST_ID, exchange.requestId()));
    exchange.context().next();
  }
}
