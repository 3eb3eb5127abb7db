package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.protocol.http.MillraceHeaders;
import java.util.ArrayList;

/** Removes from what clients send everything that only the platform's own processes may say. */
final class InternalHeaderFilter implements ExchangeFilter {
  private static final String PREFIX = MillraceHeaders.INTERNAL_PREFIX;

  @Override
  public void apply(Exchange exchange) {
    var headers = exchange.request().headers();
    ArrayList<String> forged = null;
    for (var header : headers) {
      var name = header.getKey();
      if (name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
        forged = forged == null ? new ArrayList<>() : forged;
        forged.add(name);
      }
    }
    if (forged != null) {
      forged.forEach(headers::remove);
    }
  }
}
