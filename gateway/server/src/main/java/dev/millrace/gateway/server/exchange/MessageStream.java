package dev.millrace.gateway.server.exchange;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a gRPC stream on their way in: passed on as they come, with an eye on where each
 * one ends. So each has a limit although the stream has none, and a stopping process can end the
 * stream between two messages.
 *
 * <p>Starts paused. Confined to the call's event loop.
 */
public final class MessageStream implements ReadStream<Buffer> {
  private static final int HEADER = 5;

  private final Exchange exchange;
  private final ClientBody body;
  private final long largestMessage;

  /** Bytes of the current message's header that have come, and what they say. */
  private int headerBytes;

  private long announced;

  /** Bytes of the current message that are still to come. */
  private long missing;

  private boolean ending;
  private boolean over;
  private @Nullable Handler<Buffer> handler;
  private @Nullable Handler<Void> endHandler;
  private @Nullable Handler<Throwable> exceptionHandler;

  /**
   * The messages in {@code body}.
   *
   * @param exchange fails with what is wrong with a message
   * @param largestMessage most bytes of one message, its header not counted
   */
  public MessageStream(Exchange exchange, ClientBody body, long largestMessage) {
    this.exchange = exchange;
    this.body = body;
    this.largestMessage = largestMessage;
    body.handler(this::onChunk).endHandler(end -> onEnd()).exceptionHandler(this::fail);
  }

  /** Ends the stream where the current message ends; at once between two messages. */
  public void endAfterMessage() {
    ending = true;
    if (atBoundary()) {
      endHere();
    }
  }

  @Override
  public MessageStream handler(@Nullable Handler<Buffer> next) {
    handler = next;
    return this;
  }

  @Override
  public MessageStream endHandler(@Nullable Handler<Void> next) {
    endHandler = next;
    return this;
  }

  @Override
  public MessageStream exceptionHandler(@Nullable Handler<Throwable> next) {
    exceptionHandler = next;
    return this;
  }

  @Override
  public MessageStream pause() {
    body.pause();
    return this;
  }

  @Override
  public MessageStream resume() {
    if (!over) {
      body.resume();
    }
    return this;
  }

  @Override
  public MessageStream fetch(long amount) {
    return amount > 0 ? resume() : this;
  }

  private boolean atBoundary() {
    return headerBytes == 0 && missing == 0;
  }

  private void onChunk(Buffer chunk) {
    if (over) {
      return;
    }
    int position = 0;
    while (position < chunk.length()) {
      if (ending && atBoundary()) {
        break;
      }
      position = headerBytes < HEADER ? header(chunk, position) : content(chunk, position);
      if (position < 0) {
        return;
      }
    }
    deliver(position == chunk.length() ? chunk : chunk.slice(0, position));
    if (ending && atBoundary()) {
      endHere();
    }
  }

  /** Reads one byte of a header; −1 when the stream has failed by it. */
  private int header(Buffer chunk, int position) {
    short next = chunk.getUnsignedByte(position);
    if (headerBytes == 0) {
      if (next > 1) {
        fail(
            MillraceException.of(
                ErrorCode.INVALID_ARGUMENT,
                "the first byte of a frame is %d (expected: 0, or 1 for a compressed message)",
                next));
        return -1;
      }
      announced = 0;
    } else {
      announced = announced << 8 | next;
    }
    headerBytes++;
    if (headerBytes == HEADER) {
      if (announced > largestMessage) {
        fail(
            MillraceException.of(
                ErrorCode.PAYLOAD_TOO_LARGE,
                "a message of the stream has %d bytes (expected: at most %d)",
                announced,
                largestMessage));
        return -1;
      }
      missing = announced;
      endOfMessage();
    }
    return position + 1;
  }

  private int content(Buffer chunk, int position) {
    int step = (int) Math.min(missing, chunk.length() - position);
    missing -= step;
    endOfMessage();
    return position + step;
  }

  private void endOfMessage() {
    if (missing == 0) {
      headerBytes = 0;
    }
  }

  private void onEnd() {
    if (over) {
      return;
    }
    if (!atBoundary()) {
      fail(
          MillraceException.of(
              ErrorCode.INVALID_ARGUMENT,
              "the stream ends in the middle of a message, %d bytes before its end",
              headerBytes < HEADER ? HEADER - headerBytes : missing));
      return;
    }
    endHere();
  }

  private void endHere() {
    if (over) {
      return;
    }
    over = true;
    var to = endHandler;
    if (to != null) {
      to.handle(null);
    }
  }

  private void deliver(Buffer chunk) {
    var to = handler;
    if (to != null && chunk.length() > 0) {
      to.handle(chunk);
    }
  }

  private void fail(Throwable cause) {
    if (over) {
      return;
    }
    over = true;
    exchange.fail(cause);
    var to = exceptionHandler;
    if (to != null) {
      to.handle(cause);
    }
  }
}
