package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.Protocol;
import dev.millrace.protocol.http.MillraceHeaders;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Takes the client's request id when it is sane, else makes one; every answer carries it. */
final class RequestIdFilter implements ExchangeFilter {
  private static final int LONGEST = 128;

  @Override
  public void apply(Exchange exchange) {
    var offered = exchange.request().getHeader(MillraceHeaders.REQUEST_ID);
    var id = offered != null && isSane(offered) ? offered : made();
    exchange.requestId(id);
    exchange.response().putHeader(MillraceHeaders.REQUEST_ID, id);
    if (exchange.protocol() == Protocol.OPENAI) {
      exchange.response().putHeader("x-request-id", id);
    }
  }

  /** Ids land in logs: letters, digits and {@code -_.:} only, and not too long. */
  static boolean isSane(@Nullable String id) {
    if (id == null || id.isEmpty() || id.length() > LONGEST) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "-_.:".indexOf(c) >= 0;
      if (!plain) {
        return false;
      }
    }
    return true;
  }

  private static String made() {
    var random = ThreadLocalRandom.current();
    var hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
