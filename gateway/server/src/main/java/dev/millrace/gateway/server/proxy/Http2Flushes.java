package dev.millrace.gateway.server.proxy;

import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Lets the answers of one batch leave in one system call. Each of an HTTP/2 answer's three frames
 * asks for a flush of its own; on a connection with many calls in flight that would be three writes
 * a call, and they cost more than everything else that the gateway does. Held back at most until
 * the event loop has run the tasks that already wait.
 */
final class Http2Flushes {
  private static final String NAME = "millrace-flushes";

  /** Flushes that are joined at most, so that a long queue of answers does not wait for its end. */
  private static final int JOINED = 64;

  private Http2Flushes() {}

  /** Does so from now on, on the connection of {@code request}; later calls do nothing. */
  static void join(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2
        && request.connection() instanceof ConnectionBase connection) {
      var pipeline = connection.channel().pipeline();
      if (pipeline.get(NAME) == null) {
        pipeline.addFirst(NAME, new FlushConsolidationHandler(JOINED, true));
      }
    }
  }
}
