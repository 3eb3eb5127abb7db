package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.protocol.error.MillraceException;

/** One step that every call passes. Runs on the event loop and does not block. */
interface ExchangeFilter {
  /**
   * Finds out one more thing about the call.
   *
   * @throws MillraceException to answer with it instead of going on
   */
  void apply(Exchange exchange);
}
