package dev.millrace.gateway.server.control;

import dev.millrace.gateway.server.exchange.Exchange;

/** The way to the registry's control API. */
public interface ControlUpstream {
  /**
   * Answers an authenticated and authorized control call, now or later. Called on the call's event
   * loop while the request's body is unread.
   */
  void forward(Exchange exchange);
}
