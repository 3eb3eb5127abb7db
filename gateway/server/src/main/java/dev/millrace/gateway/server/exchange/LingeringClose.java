package dev.millrace.gateway.server.exchange;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a body that an early answer leaves unread. A small one is read and thrown away,
 * so that the connection can go on; for a larger one the connection is closed, but only after the
 * client had time to read the answer: closing at once would reset the connection and the answer
 * with it. A chunked body does not say how long it is: it counts as small until more has come.
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
        && (Math.max(announced(exchange.request()), exchange.requestBytes()) > DRAINED
            || exchange.awaitsContinue());
  }

  /** Reads what is left of the body and throws it away. */
  static void discardRest(Exchange exchange) {
    var request = exchange.request();
    if (!request.isEnded()) {
      request.exceptionHandler(gone -> {});
      request.handler(saysItsLength(exchange) ? discarded -> {} : new Rest(exchange));
      request.resume();
    }
  }

  /** The rest of a body that may have no end: the connection ends when it turns out to be large. */
  private static final class Rest implements Handler<Buffer> {
    private final Exchange exchange;
    private long left = DRAINED;

    Rest(Exchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public void handle(Buffer discarded) {
      boolean before = left >= 0;
      left -= discarded.length();
      if (before && left < 0) {
        var request = exchange.request();
        linger(exchange, () -> !request.isEnded());
      }
    }
  }

  private static boolean saysItsLength(Exchange exchange) {
    return !exchange.isHttp1() || exchange.request().getHeader("transfer-encoding") == null;
  }

  private static void closeLater(Exchange exchange) {
    var request = exchange.request();
    if (request.isEnded()) {
      request.connection().close().onFailure(ignored -> {});
      return;
    }
    linger(exchange, () -> true);
  }

  /** Closes the connection after the time to read, if {@code still} holds then. */
  private static void linger(Exchange exchange, BooleanSupplier still) {
    exchange
        .context()
        .vertx()
        .setTimer(
            LINGER_MILLIS,
            timer -> {
              if (still.getAsBoolean()) {
                exchange.request().connection().close().onFailure(ignored -> {});
              }
            });
  }

  /** What the head says; 0 when the body is chunked or there is none. */
  private static long announced(HttpServerRequest request) {
    @Nullable String length = request.getHeader("content-length");
    if (length == null) {
      return 0;
    }
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException malformed) {
      return Long.MAX_VALUE;
    }
  }
}
