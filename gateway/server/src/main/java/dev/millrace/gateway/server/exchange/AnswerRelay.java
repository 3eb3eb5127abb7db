package dev.millrace.gateway.server.exchange;

import dev.millrace.gateway.routing.Replica;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamResponse;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/** Writes an upstream's answer to the client, byte by byte as it comes, at the client's pace. */
public final class AnswerRelay {
  private static final String GRPC_STATUS = "grpc-status";

  /** Compressing more than this at once would hold up the other calls of the event loop: 1 ms. */
  private static final int LARGEST_ON_LOOP = 64 << 10;

  private final Exchange exchange;
  private final UpstreamResponse answer;
  private AnswerEncoding.@Nullable Body compressing;

  private AnswerRelay(Exchange exchange, UpstreamResponse answer) {
    this.exchange = exchange;
    this.answer = answer;
  }

  /** Relays a replica's answer. */
  public static void relay(Exchange exchange, UpstreamResponse answer, Replica replica) {
    if (exchange.protocol() == Protocol.GRPC && answer.status() != 200) {
      exchange.fail(
          MillraceException.of(
              ErrorCode.OVERLOADED,
              "the replica answered the gRPC call with HTTP status %d",
              answer.status()));
      drop(exchange, answer);
      return;
    }
    if (!exchange.beginAnswer()) {
      drop(exchange, answer);
      return;
    }
    var route = exchange.route();
    if (route != null) {
      exchange
          .response()
          .putHeader(MillraceHeaders.MODEL_VERSION, Integer.toString(route.target().version()))
          .putHeader(MillraceHeaders.REPLICA, replica.memberId());
    }
    new AnswerRelay(exchange, answer).start();
  }

  /** Relays any answer. */
  public static void relay(Exchange exchange, UpstreamResponse answer) {
    if (exchange.beginAnswer()) {
      new AnswerRelay(exchange, answer).start();
    } else {
      drop(exchange, answer);
    }
  }

  /**
   * Nobody reads it, the deadline was quicker or the client is gone: let connection and memory go.
   */
  private static void drop(Exchange exchange, UpstreamResponse answer) {
    exchange.cancelSignal().cancel();
    answer.close();
  }

  private void start() {
    var response = exchange.response();
    response.setStatusCode(answer.status());
    HopHeaders.copyResponse(answer.headers(), response.headers());
    var accepted = exchange.compression();
    var encoding = accepted == null ? null : accepted.decide(exchange, answer.body());
    switch (answer.body()) {
      case UpstreamBody.Whole whole -> {
        if (encoding == null) {
          finish(whole.bytes());
        } else {
          compress(whole.bytes(), encoding);
        }
      }
      case UpstreamBody.Streaming streaming -> {
        if (encoding != null) {
          var body = encoding.begin();
          compressing = body;
          exchange.whenOver(over -> body.close());
        }
        stream(streaming);
      }
    }
  }

  private void compress(Buffer bytes, AnswerEncoding encoding) {
    if (bytes.length() <= LARGEST_ON_LOOP) {
      finish(Buffer.buffer(encoding.compress(bytes.getBytes())));
      return;
    }
    exchange
        .context()
        .vertx()
        .executeBlocking(() -> Buffer.buffer(encoding.compress(bytes.getBytes())), false)
        .onComplete(
            done ->
                exchange.onLoop(
                    () -> {
                      if (done.succeeded()) {
                        finish(done.result());
                      } else {
                        answer.close();
                        exchange.fail(done.cause());
                      }
                    }));
  }

  private void stream(UpstreamBody.Streaming body) {
    var response = exchange.response();
    boolean bodyless = answer.status() == 204 || answer.status() == 304;
    if (exchange.isHttp1() && !bodyless && !response.headers().contains("content-length")) {
      response.setChunked(true);
    }
    if (isEventStream()) {
      // The head goes out now: the first event may be minutes away.
      response.write(Buffer.buffer(0)).onFailure(ignored -> {});
    }
    ReadStream<Buffer> stream = body.stream();
    stream.exceptionHandler(
        broken ->
            exchange.fail(
                broken instanceof MillraceException known
                    ? known
                    : MillraceException.of(
                        ErrorCode.OVERLOADED, "the replica's answer broke off before its end")));
    stream.endHandler(
        end -> {
          var open = exchange.response().closed() ? null : compressing;
          finish(open == null ? Buffer.buffer(0) : Buffer.buffer(open.end()));
        });
    stream.handler(chunk -> write(stream, compressed(chunk)));
    stream.resume();
  }

  private Buffer compressed(Buffer chunk) {
    var body = compressing;
    if (body == null || exchange.response().closed()) {
      return chunk;
    }
    return Buffer.buffer(body.next(chunk.getBytes()));
  }

  private void write(ReadStream<Buffer> stream, Buffer chunk) {
    var response = exchange.response();
    if (response.closed() || response.ended() || chunk.length() == 0) {
      return;
    }
    exchange.countResponse(chunk.length());
    response.write(chunk).onFailure(ignored -> {});
    if (response.writeQueueFull()) {
      stream.pause();
      response.drainHandler(drained -> stream.resume());
    }
  }

  private void finish(Buffer last) {
    var response = exchange.response();
    if (response.closed() || response.ended()) {
      answer.close();
      return;
    }
    exchange.countResponse(last.length());
    if (exchange.protocol() == Protocol.GRPC) {
      copyTrailers();
    }
    // The last byte is on the socket, or the connection is gone: nobody reads the memory any more.
    (last.length() == 0 ? response.end() : response.end(last))
        .onComplete(written -> answer.close());
  }

  private void copyTrailers() {
    var response = exchange.response();
    var early = exchange.endsEarly();
    if (early != null) {
      ErrorAnswer.putTrailers(exchange, early);
      exchange.grpcStatus(Integer.toString(early.code().grpcStatus()));
      return;
    }
    var trailers = answer.trailers().get();
    trailers.forEach(
        trailer -> {
          if (!trailer.getKey().startsWith(":")) {
            response.putTrailer(trailer.getKey(), trailer.getValue());
          }
        });
    var status = trailers.get(GRPC_STATUS);
    status = status == null ? answer.headers().get(GRPC_STATUS) : status;
    if (status == null) {
      status = Integer.toString(ErrorCode.OVERLOADED.grpcStatus());
      response.putTrailer(GRPC_STATUS, status);
      response.putTrailer("grpc-message", "the replica ended the call without a status");
    }
    exchange.grpcStatus(status);
  }

  private boolean isEventStream() {
    var type = answer.headers().get("content-type");
    return type != null && type.startsWith("text/event-stream");
  }
}
