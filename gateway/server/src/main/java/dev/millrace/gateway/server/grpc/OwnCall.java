package dev.millrace.gateway.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.millrace.gateway.routing.CallTimeout;
import dev.millrace.gateway.server.exchange.ClientBody;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.MessageReader;
import dev.millrace.gateway.server.exchange.MessageStream;
import dev.millrace.gateway.server.filter.DrainState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.function.Consumer;

/**
 * One call that the gateway answers itself: its messages, which are small, its time, and its end
 * when the process stops. Confined to the call's event loop.
 *
 * @param longest how long it may last when its caller sets no deadline
 */
record OwnCall(Exchange exchange, OwnAnswer answer, DrainState drain, Duration longest) {
  /** Names of services, files and symbols. Small, since anybody may ask for health. */
  private static final int LARGEST_MESSAGE = 16 << 10;

  /** Reads the call's only message, then hands it on. */
  <T> void one(Parser<T> parser, Consumer<T> request) {
    var messages = new ArrayList<ByteBuffer>(1);
    read(
        exchange -> {},
        message -> {
          if (!messages.isEmpty()) {
            throw MillraceException.of(
                ErrorCode.INVALID_ARGUMENT, "the call has several messages (expected: one)");
          }
          messages.add(message);
        },
        () -> {
          if (messages.isEmpty()) {
            throw MillraceException.of(
                ErrorCode.INVALID_ARGUMENT,
                "the call ended before a whole message (expected: one)");
          }
          request.accept(parse(parser, messages.getFirst()));
        });
  }

  /** Hands on each message as it comes, no faster than the answers are read, then the end. */
  <T> void each(Parser<T> parser, Consumer<T> request) {
    read(
        stream -> {
          if (answer.isFull()) {
            stream.pause();
            answer.whenDrained(stream::resume);
          }
        },
        message -> request.accept(parse(parser, message)),
        answer::end);
  }

  /** Ends the call when its time is over; runs {@code first} and ends it when the process stops. */
  void lasting(Runnable first) {
    var request = exchange.request();
    var limit = CallTimeout.ofGrpc(request.getHeader("grpc-timeout")).orElse(longest);
    var vertx = exchange.context().vertx();
    long timer =
        vertx.setTimer(
            Math.max(1, limit.toMillis()),
            fired ->
                answer.fail(
                    MillraceException.of(ErrorCode.DEADLINE_EXCEEDED, "the call's time is over")));
    Runnable stop =
        () ->
            exchange.onLoop(
                () -> {
                  first.run();
                  answer.fail(
                      MillraceException.of(
                              ErrorCode.OVERLOADED,
                              "this gateway is stopping: repeat the call on a new connection")
                          .withDetail("reason", "draining")
                          .withRetryAfter(Duration.ofSeconds(1)));
                });
    exchange.whenOver(
        over -> {
          vertx.cancelTimer(timer);
          drain.forget(stop);
        });
    drain.whenDraining(stop);
  }

  private void read(Consumer<MessageStream> afterChunk, Consumer<ByteBuffer> each, Runnable end) {
    var body = new ClientBody(exchange, Long.MAX_VALUE);
    var stream = new MessageStream(exchange, body, LARGEST_MESSAGE);
    var reader =
        new MessageReader(
            exchange.request().getHeader("grpc-encoding"),
            LARGEST_MESSAGE,
            message -> guarded(() -> each.accept(message)),
            answer::fail);
    stream
        .handler(
            chunk -> {
              reader.read(chunk);
              afterChunk.accept(stream);
            })
        .endHandler(ended -> guarded(end))
        .resume();
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (MillraceException refused) {
      answer.fail(refused);
    } catch (RuntimeException unexpected) {
      exchange.fail(unexpected);
    }
  }

  private static <T> T parse(Parser<T> parser, ByteBuffer message) {
    try {
      return parser.parseFrom(message);
    } catch (InvalidProtocolBufferException malformed) {
      throw MillraceException.of(
          ErrorCode.INVALID_ARGUMENT, "malformed message: %s", malformed.getMessage());
    }
  }
}
