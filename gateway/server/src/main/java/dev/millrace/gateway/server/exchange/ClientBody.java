package dev.millrace.gateway.server.exchange;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/**
 * The client's body as it comes: counted, bounded, and with the prefix that the gateway has already
 * looked at put back in front. Over the bound it fails with PAYLOAD_TOO_LARGE and says no more.
 *
 * <p>Starts paused. Confined to the call's event loop.
 */
public final class ClientBody implements ReadStream<Buffer> {
  private final Exchange exchange;
  private final HttpServerRequest request;
  private final long bound;

  private @Nullable Buffer prefix;
  private boolean ended;
  private boolean endDelivered;
  private boolean flowing;
  private boolean failed;
  private @Nullable Handler<Buffer> handler;
  private @Nullable Handler<Void> endHandler;
  private @Nullable Handler<Throwable> exceptionHandler;

  /**
   * Takes over the request's body.
   *
   * @param bound most bytes
   */
  public ClientBody(Exchange exchange, long bound) {
    this.exchange = exchange;
    this.request = exchange.request();
    this.bound = bound;
    if (request.isEnded()) {
      ended = true;
      return;
    }
    request.pause();
    request.exceptionHandler(this::fail);
    request.endHandler(end -> onEnd());
    request.handler(this::onChunk);
  }

  /** Puts back bytes that were looked at; the stream is paused, and its handlers not set yet. */
  public void pushBack(Buffer looked) {
    prefix = looked;
  }

  /** Whether the client has sent everything. */
  public boolean ended() {
    return ended;
  }

  @Override
  public ClientBody handler(@Nullable Handler<Buffer> next) {
    handler = next;
    return this;
  }

  @Override
  public ClientBody endHandler(@Nullable Handler<Void> next) {
    endHandler = next;
    return this;
  }

  @Override
  public ClientBody exceptionHandler(@Nullable Handler<Throwable> next) {
    exceptionHandler = next;
    return this;
  }

  @Override
  public ClientBody pause() {
    flowing = false;
    if (!ended) {
      request.pause();
    }
    return this;
  }

  @Override
  public ClientBody resume() {
    flowing = true;
    var kept = prefix;
    if (kept != null) {
      prefix = null;
      deliver(kept);
    }
    if (flowing) {
      if (ended) {
        deliverEnd();
      } else if (!failed) {
        request.resume();
      }
    }
    return this;
  }

  @Override
  public ClientBody fetch(long amount) {
    // Callers here pause and resume; finer demand would need a queue of its own.
    return amount > 0 ? resume() : this;
  }

  private void onChunk(Buffer chunk) {
    if (failed) {
      return;
    }
    exchange.countRequest(chunk.length());
    if (exchange.requestBytes() > bound) {
      fail(tooLarge(bound));
      return;
    }
    deliver(chunk);
  }

  /** The failure of a body over {@code bound} bytes. */
  public static MillraceException tooLarge(long bound) {
    return MillraceException.of(
        ErrorCode.PAYLOAD_TOO_LARGE, "the body is over the limit of %d bytes", bound);
  }

  private void deliver(Buffer chunk) {
    var to = handler;
    if (to != null) {
      to.handle(chunk);
    }
  }

  private void onEnd() {
    ended = true;
    if (prefix == null) {
      deliverEnd();
    }
  }

  private void deliverEnd() {
    var to = endHandler;
    if (!endDelivered && to != null) {
      endDelivered = true;
      to.handle(null);
    }
  }

  private void fail(Throwable cause) {
    if (failed || ended) {
      return;
    }
    failed = true;
    var to = exceptionHandler;
    if (to != null) {
      to.handle(cause);
    }
  }
}
