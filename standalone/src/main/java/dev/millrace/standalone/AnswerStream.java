package dev.millrace.standalone;

import dev.millrace.gateway.server.exchange.AnswerEncoding;
import dev.millrace.gateway.server.exchange.GrpcFrames;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.server.oip.GrpcReply;
import dev.millrace.runtime.server.oip.InferStream;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The answers of one {@code ModelStreamInfer} stream in this process, as the gateway reads them:
 * frames, then trailers. Its own thread is the call's event loop; the runtime may call from any.
 */
final class AnswerStream implements ReadStream<Buffer>, InferStream.Transport {
  private final Context loop;
  private final Valve messages;
  private final @Nullable AnswerEncoding encoding;
  private final Queue<Buffer> frames = new ArrayDeque<>();

  /** Messages that have come and are not answered, or whose answers nobody has read yet. */
  private int open;

  private boolean flowing;
  private boolean ended;
  private @Nullable MillraceException failed;
  private @Nullable Handler<Buffer> handler;
  private @Nullable Handler<Void> endHandler;
  private @Nullable Handler<Throwable> exceptionHandler;

  /**
   * A stream without answers yet; paused.
   *
   * @param messages the other direction; held back while the window is full
   * @param encoding what answers are compressed in; null for nothing
   */
  AnswerStream(Context loop, Valve messages, @Nullable AnswerEncoding encoding) {
    this.loop = loop;
    this.messages = messages;
    this.encoding = encoding;
  }

  /** What a stream ends with when all went well. */
  MultiMap trailers() {
    return MultiMap.caseInsensitiveMultiMap().set("grpc-status", "0");
  }

  /** The way of messages to the runtime: each has a place in the window until it is answered. */
  StreamInflow.Receiver counting(InferStream stream) {
    return new StreamInflow.Receiver() {
      @Override
      public void onMessage(ByteBuffer message) {
        opened();
        stream.onMessage(message);
      }

      @Override
      public void onBrokenMessage(MillraceException why) {
        opened();
        stream.onBrokenMessage(why);
      }

      @Override
      public void onEnd() {
        stream.onHalfClose();
      }
    };
  }

  private void opened() {
    open++;
    if (open == InferStream.WINDOW) {
      messages.hold();
    }
  }

  @Override
  public void execute(Runnable work) {
    loop.runOnContext(ignored -> work.run());
  }

  @Override
  public void send(GrpcReply reply) {
    Buffer frame = Buffer.buffer();
    // A copy, so that the batch's memory is free however slowly the caller reads.
    try (reply) {
      for (ByteBuffer part : GrpcFrames.frame(reply.message(), encoding)) {
        byte[] bytes = new byte[part.remaining()];
        part.duplicate().get(bytes);
        frame.appendBytes(bytes);
      }
    }
    execute(
        () -> {
          frames.add(frame);
          flow();
        });
  }

  @Override
  public void more() {
    // Counted when the answer is read, so that one who does not read sends no more either.
  }

  @Override
  public void end(@Nullable MillraceException failure) {
    execute(
        () -> {
          failed = failure;
          ended = true;
          flow();
        });
  }

  private void flow() {
    while (flowing && !frames.isEmpty()) {
      var to = handler;
      var frame = frames.remove();
      if (open-- == InferStream.WINDOW) {
        messages.release();
      }
      if (to != null) {
        to.handle(frame);
      }
    }
    if (flowing && ended && frames.isEmpty()) {
      flowing = false;
      finish();
    }
  }

  private void finish() {
    var why = failed;
    var toFail = exceptionHandler;
    var toEnd = endHandler;
    if (why != null && toFail != null) {
      toFail.handle(why);
    } else if (why == null && toEnd != null) {
      toEnd.handle(null);
    }
  }

  @Override
  public AnswerStream handler(@Nullable Handler<Buffer> next) {
    handler = next;
    return this;
  }

  @Override
  public AnswerStream endHandler(@Nullable Handler<Void> next) {
    endHandler = next;
    return this;
  }

  @Override
  public AnswerStream exceptionHandler(@Nullable Handler<Throwable> next) {
    exceptionHandler = next;
    return this;
  }

  @Override
  public AnswerStream pause() {
    flowing = false;
    return this;
  }

  @Override
  public AnswerStream resume() {
    flowing = true;
    flow();
    return this;
  }

  @Override
  public AnswerStream fetch(long amount) {
    return amount > 0 ? resume() : this;
  }
}
