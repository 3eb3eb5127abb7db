package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.routing.RequestTarget;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.Protocol;
import dev.millrace.process.http.RequestTargets;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;

/**
 * Recognises what a call addresses; refuses what is no URI (400), unknown paths (404) and wrong
 * verbs (405).
 */
final class TargetFilter implements ExchangeFilter {
  @Override
  public void apply(Exchange exchange) {
    RequestTargets.refusal(exchange.request().uri())
        .ifPresent(
            refusal -> {
              throw refusal;
            });
    var path = exchange.request().path();
    var target = recognise(exchange, path == null ? "" : path);
    exchange.target(target);
    var methods = target.methods();
    var method = exchange.request().method().name();
    if (!methods.isEmpty() && !methods.contains(method)) {
      throw MillraceException.of(
              ErrorCode.METHOD_NOT_ALLOWED,
              "%s is not offered at %s (expected: %s)",
              method,
              path,
              String.join(", ", methods))
          .withDetail("allow", String.join(", ", methods));
    }
  }

  private static RequestTarget recognise(Exchange exchange, String path) {
    boolean grpc = exchange.protocol() == Protocol.GRPC;
    var target = grpc ? RequestTarget.parseGrpc(path) : RequestTarget.parse(path);
    if (target instanceof RequestTarget.Unknown) {
      throw grpc
          ? MillraceException.of(ErrorCode.NOT_IMPLEMENTED, "method %s is not offered", path)
          : MillraceException.of(ErrorCode.NOT_FOUND, "nothing is at %s", path);
    }
    return target;
  }
}
