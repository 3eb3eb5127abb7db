package dev.millrace.gateway.server.grpc;

import com.google.protobuf.MessageLite;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.GrpcAnswer;
import dev.millrace.protocol.error.MillraceException;

/**
 * The messages of one call that the gateway answers itself, one after another, then the status.
 * Nothing happens any more once the call has ended or its client is gone. Confined to the call's
 * event loop.
 */
final class OwnAnswer {
  private final Exchange exchange;
  private boolean begun;
  private boolean ended;

  OwnAnswer(Exchange exchange) {
    this.exchange = exchange;
  }

  /** Sends one message; the head of the answer with the first. */
  void send(MessageLite message) {
    if (goesOn()) {
      var frame = GrpcAnswer.frame(message);
      exchange.countResponse(frame.length());
      exchange.response().write(frame).onFailure(ignored -> {});
    }
  }

  /** Whether the client reads slower than messages are made. */
  boolean isFull() {
    return !ended && exchange.response().writeQueueFull();
  }

  /** Runs {@code action} when the client has read on. */
  void whenDrained(Runnable action) {
    exchange.response().drainHandler(drained -> action.run());
  }

  /** Ends the call well. */
  void end() {
    if (goesOn()) {
      ended = true;
      exchange.grpcStatus("0");
      exchange.response().putTrailer("grpc-status", "0").end().onFailure(ignored -> {});
    }
  }

  /** Ends the call with a failure. */
  void fail(MillraceException failure) {
    if (!ended) {
      ended = true;
      exchange.fail(failure);
    }
  }

  private boolean goesOn() {
    if (ended || exchange.response().closed()) {
      return false;
    }
    if (!begun) {
      if (!exchange.beginAnswer()) {
        ended = true;
        return false;
      }
      begun = true;
      exchange.response().setStatusCode(200).putHeader("content-type", "application/grpc");
    }
    return true;
  }
}
