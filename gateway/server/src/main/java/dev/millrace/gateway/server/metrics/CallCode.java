package dev.millrace.gateway.server.metrics;

import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.Protocol;
import dev.millrace.protocol.error.ErrorCode;

/** How a call ended, in one word: the HTTP status, or the name of the gRPC status. */
public final class CallCode {
  private static final String[] GRPC = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED"
  };

  private CallCode() {}

  /** The word for a call that is over. */
  public static String of(Exchange exchange) {
    boolean grpc = exchange.protocol() == Protocol.GRPC;
    var failure = exchange.failure();
    if (failure != null) {
      return grpc
          ? grpc(Integer.toString(failure.code().grpcStatus()))
          : Integer.toString(failure.code().httpStatus());
    }
    if (exchange.abandoned()) {
      return grpc ? "CANCELLED" : Integer.toString(ErrorCode.CLIENT_CLOSED.httpStatus());
    }
    if (!grpc) {
      return Integer.toString(exchange.response().getStatusCode());
    }
    var status = exchange.grpcStatus();
    return status == null ? "UNKNOWN" : grpc(status);
  }

  /** A status that is not one of gRPC's must not become a label of its own. */
  private static String grpc(String status) {
    try {
      int number = Integer.parseInt(status);
      return number >= 0 && number < GRPC.length ? GRPC[number] : "UNKNOWN";
    } catch (NumberFormatException malformed) {
      return "UNKNOWN";
    }
  }
}
