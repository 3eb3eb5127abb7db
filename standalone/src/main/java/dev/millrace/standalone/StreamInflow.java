package dev.millrace.standalone;

import dev.millrace.gateway.server.exchange.FrameCutter;
import dev.millrace.gateway.server.exchange.GrpcFrames;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one stream on their way to the runtime, in their order. Small ones are inflated
 * on the call's event loop, where that takes less than going elsewhere and back; the others on a
 * worker, since few bytes may be many, and everybody on the loop would wait. Meanwhile the stream
 * is held back, so that what waits behind is what had come already.
 *
 * <p>Confined to the call's event loop.
 */
final class StreamInflow {
  /** Inflated in some tenths of a millisecond. */
  static final int SMALL = 64 << 10;

  private final @Nullable String encoding;
  private final int largest;
  private final Valve valve;
  private final Worker worker;
  private final Receiver receiver;
  private final FrameCutter cutter = new FrameCutter(this::arrived);
  private final Queue<ByteBuffer> waiting = new ArrayDeque<>();
  private boolean away;
  private boolean ended;

  /** Who takes the messages; called on the loop. */
  interface Receiver {
    void onMessage(ByteBuffer message);

    void onBrokenMessage(MillraceException why);

    void onEnd();
  }

  /** Does what takes long; the future completes on the loop. */
  @FunctionalInterface
  interface Worker {
    Future<ByteBuffer> run(Callable<ByteBuffer> work);
  }

  /**
   * Nothing has come yet.
   *
   * @param encoding the stream's {@code grpc-encoding}; null means identity
   * @param largest most bytes that a compressed message may inflate to
   */
  StreamInflow(
      @Nullable String encoding, int largest, Valve valve, Worker worker, Receiver receiver) {
    this.encoding = encoding;
    this.largest = largest;
    this.valve = valve;
    this.worker = worker;
    this.receiver = receiver;
  }

  /** Takes the next bytes. */
  void read(Buffer chunk) {
    cutter.read(chunk);
  }

  /** No more bytes come. */
  void end() {
    ended = true;
    if (!away) {
      receiver.onEnd();
    }
  }

  private void arrived(ByteBuffer frame) {
    if (away) {
      waiting.add(frame);
    } else {
      accept(frame);
    }
  }

  private void accept(ByteBuffer frame) {
    ByteBuffer message;
    try {
      message = GrpcFrames.smallMessage(frame, encoding, largest, SMALL);
    } catch (MillraceException malformed) {
      receiver.onBrokenMessage(malformed);
      return;
    }
    if (message != null) {
      receiver.onMessage(message);
      return;
    }
    away = true;
    valve.hold();
    worker
        .run(() -> GrpcFrames.onlyMessage(frame, encoding, largest))
        .onComplete(
            done -> {
              if (done.succeeded()) {
                receiver.onMessage(done.result());
              } else {
                receiver.onBrokenMessage(refusal(done.cause()));
              }
              back();
            });
  }

  private void back() {
    away = false;
    while (!away && !waiting.isEmpty()) {
      accept(waiting.remove());
    }
    valve.release();
    if (ended && !away) {
      receiver.onEnd();
    }
  }

  private static MillraceException refusal(Throwable failure) {
    return failure instanceof MillraceException refused
        ? refused
        : MillraceException.of(ErrorCode.INTERNAL, "the message could not be inflated")
            .withCause(failure);
  }
}
