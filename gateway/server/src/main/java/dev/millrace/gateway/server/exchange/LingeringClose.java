package dev.millrace.gateway.server.exchange;

import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a body that an early answer leaves unread. A small one is read and thrown away,
 * so that the connection can go on; for a larger one the connection is closed, but only after the
 * client had time to read the answer: closing at once would reset the connection and the answer
 * with it.
 */
final class LingeringClose {
  /** Cheaper to read than to open a new connection. */
  private static final long DRAINED = 1 << 20;

  private static final long LINGER_MILLIS = 1_000;

  private LingeringClose() {}

  /** Tells the client, in the answer's head, that the connection ends with it; then ends it. */
  static void announce(Exchange exchange) {
    if (exchange.isHttp1()) {
      exchange.response().putHeader("connection", "close");
      exchange.whenOver(LingeringClose::closeLater);
    } else {
      exchange.request().connection().goAway(0);
    }
  }

  /**
   * Whether an early answer costs the connection: a client that holds its body back may or may not
   * send it after the answer. HTTP/2 streams end one by one.
   */
  static boolean isTooLargeToDrain(Exchange exchange) {
    return exchange.isHttp1()
        && (announced(exchange.request()) > DRAINED || exchange.awaitsContinue());
  }

  /** Reads what is left of the body and throws it away. */
  static void discardRest(Exchange exchange) {
    var request = exchange.request();
    if (!request.isEnded()) {
      request.exceptionHandler(gone -> {});
      request.handler(discarded -> {});
      request.resume();
    }
  }

  private static void closeLater(Exchange exchange) {
    var request = exchange.request();
    var connection = request.connection();
    if (request.isEnded()) {
      connection.close().onFailure(ignored -> {});
      return;
    }
    exchange
        .context()
        .vertx()
        .setTimer(LINGER_MILLIS, timer -> connection.close().onFailure(ignored -> {}));
  }

  private static long announced(HttpServerRequest request) {
    @Nullable String length = request.getHeader("content-length");
    if (length == null) {
      return request.getHeader("transfer-encoding") == null ? 0 : Long.MAX_VALUE;
    }
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException malformed) {
      return Long.MAX_VALUE;
    }
  }
}
