package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.server.exchange.Exchange;

/** Answers one kind of call, after the filters. Runs on the event loop and does not block. */
interface CallHandler {
  /** Answers, now or later; a failure that is thrown becomes the answer. */
  void handle(Exchange exchange);
}
