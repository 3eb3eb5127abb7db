package dev.millrace.gateway.server.exchange;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.StreamResetException;
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

  /** Bytes that the body says it has; −1 when it does not say. */
  private long announced = -1;

  private @Nullable Buffer prefix;
  private boolean ended;
  private boolean endDelivered;
  private boolean flowing;
  private boolean failed;

  /** Whether the client waits to be told before it sends the body, as curl does with large ones. */
  private boolean awaited;

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
    awaited = exchange.awaitsContinue();
    request.pause();
    request.exceptionHandler(this::broken);
    request.endHandler(end -> onEnd());
    request.handler(this::onChunk);
  }

  /** Puts back bytes that were looked at; the stream is paused, and its handlers not set yet. */
  public void pushBack(Buffer looked) {
    prefix = looked;
  }

  /**
   * Takes the body at its own word: it fails with INVALID_ARGUMENT unless exactly so many bytes
   * come. A gRPC body says its length in its first frame.
   *
   * @throws MillraceException when what has come already is another length
   */
  public void announce(long bytes) {
    announced = bytes;
    if (exchange.requestBytes() > bytes || ended && exchange.requestBytes() < bytes) {
      throw otherLength();
    }
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
    if (awaited) {
      awaited = false;
      exchange.sendContinue();
    }
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
    if (announced >= 0 && exchange.requestBytes() > announced) {
      fail(otherLength());
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

  private MillraceException otherLength() {
    return MillraceException.of(
        ErrorCode.INVALID_ARGUMENT,
        "the call's frame announces %d bytes, header included, and %s came (expected: one message)",
        announced,
        exchange.requestBytes() > announced ? "more" : exchange.requestBytes());
  }

  private void onEnd() {
    if (announced > exchange.requestBytes()) {
      fail(otherLength());
      return;
    }
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

  private void broken(Throwable cause) {
    boolean gone = cause instanceof StreamResetException || cause instanceof HttpClosedException;
    if (gone && !ended) {
      exchange.abandon();
    }
    fail(cause);
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
