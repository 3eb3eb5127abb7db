package dev.millrace.gateway.server.exchange;

import com.google.protobuf.MessageLite;
import io.vertx.core.buffer.Buffer;

/** A gRPC answer of the gateway's own: one message and the status OK. */
public final class GrpcAnswer {
  private GrpcAnswer() {}

  /** Ends a stream on which nothing was asked. */
  public static void sendNothing(Exchange exchange) {
    if (!exchange.beginAnswer()) {
      return;
    }
    exchange.grpcStatus("0");
    exchange
        .response()
        .setStatusCode(200)
        .putHeader("content-type", "application/grpc")
        .putTrailer("grpc-status", "0")
        .end()
        .onFailure(ignored -> {});
  }

  /** Sends it; does nothing when the call is answered or the client is gone. */
  public static void send(Exchange exchange, MessageLite message) {
    if (!exchange.beginAnswer()) {
      return;
    }
    var frame = frame(message);
    exchange.grpcStatus("0");
    exchange.countResponse(frame.length());
    LingeringClose.discardRest(exchange);
    exchange
        .response()
        .setStatusCode(200)
        .putHeader("content-type", "application/grpc")
        .putTrailer("grpc-status", "0")
        .end(frame)
        .onFailure(ignored -> {});
  }

  /** The message, framed. */
  public static Buffer frame(MessageLite message) {
    var bytes = message.toByteArray();
    return Buffer.buffer(bytes.length + 5)
        .appendByte((byte) 0)
        .appendInt(bytes.length)
        .appendBytes(bytes);
  }
}
