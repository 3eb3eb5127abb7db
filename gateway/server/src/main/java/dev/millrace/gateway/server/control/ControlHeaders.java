package dev.millrace.gateway.server.control;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.protocol.http.MillraceHeaders;
import io.vertx.core.MultiMap;

/** Tells the registry on whose behalf a control call comes. */
final class ControlHeaders {
  private ControlHeaders() {}

  static void add(Exchange exchange, MultiMap headers, String token) {
    var caller = exchange.identity();
    headers.remove("authorization");
    headers.set(MillraceHeaders.INTERNAL_TOKEN, token);
    headers.set(MillraceHeaders.INTERNAL_PROJECT, caller.project());
    headers.set(MillraceHeaders.INTERNAL_ACTOR, caller.keyId());
    headers.set(MillraceHeaders.INTERNAL_ROLES, caller.rolesOnWire());
    headers.set(MillraceHeaders.REQUEST_ID, exchange.requestId());
    headers.set(MillraceHeaders.INTERNAL_BASE_URL, CallersAddress.of(exchange.request()));
  }
}
