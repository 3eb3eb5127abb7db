package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.Protocol;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.http.RequestIds;

/** Takes the client's request id when it is sane, else makes one; every answer carries it. */
final class RequestIdFilter implements ExchangeFilter {
  @Override
  public void apply(Exchange exchange) {
    var id = RequestIds.orNew(exchange.request().getHeader(MillraceHeaders.REQUEST_ID));
    exchange.requestId(id);
    exchange.response().putHeader(MillraceHeaders.REQUEST_ID, id);
    if (exchange.protocol() == Protocol.OPENAI) {
      exchange.response().putHeader("x-request-id", id);
    }
  }
}
