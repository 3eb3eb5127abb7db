package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.identity.AccessPolicy;
import dev.millrace.gateway.identity.AccessPolicy.Decision.Denied;
import dev.millrace.gateway.identity.Operation;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;

/** Refuses what the caller's roles do not allow. */
final class AuthorizationFilter implements ExchangeFilter {
  @Override
  public void apply(Exchange exchange) {
    var method = exchange.request().method().name();
    var operation = AccessPolicy.operation(exchange.target(), method);
    if (operation != Operation.PROBE) {
      require(exchange, operation);
    }
  }

  /** Refuses a caller who may not do {@code operation}. */
  static void require(Exchange exchange, Operation operation) {
    if (AccessPolicy.decide(operation, exchange.identity()) instanceof Denied denied) {
      throw MillraceException.of(ErrorCode.PERMISSION_DENIED, denied.reason());
    }
  }
}
