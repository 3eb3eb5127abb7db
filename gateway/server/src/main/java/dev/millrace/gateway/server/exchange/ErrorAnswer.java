package dev.millrace.gateway.server.exchange;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.ErrorJson;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.error.OpenAiErrors;
import dev.millrace.protocol.error.RetryPause;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * Puts a failure into the caller's own form: an OIP client gets OIP's body, an OpenAI client
 * OpenAI's, a gRPC client a status with details. Sets status and headers; returns the body.
 */
final class ErrorAnswer {
  private ErrorAnswer() {}

  static Buffer prepare(Exchange exchange, MillraceException failure) {
    if (exchange.protocol() == Protocol.GRPC) {
      return grpc(exchange, failure);
    }
    var response = exchange.response();
    response.setStatusCode(failure.code().httpStatus());
    response.putHeader("content-type", "application/json");
    RetryPause.header(failure).ifPresent(seconds -> response.putHeader("retry-after", seconds));
    if (failure.code() == ErrorCode.UNAUTHENTICATED) {
      response.putHeader("www-authenticate", "Bearer realm=\"millrace\"");
    }
    if (failure.code() == ErrorCode.METHOD_NOT_ALLOWED
        && failure.details().get("allow") instanceof String allow) {
      response.putHeader("allow", allow);
    }
    if (exchange.protocol() == Protocol.OPENAI) {
      response.putHeader("x-should-retry", Boolean.toString(failure.code().retryable()));
      return Buffer.buffer(OpenAiErrors.write(failure));
    }
    return Buffer.buffer(ErrorJson.write(failure));
  }

  /** Trailers only: the head and the end of the call in one frame. */
  private static Buffer grpc(Exchange exchange, MillraceException failure) {
    var response = exchange.response();
    response.setStatusCode(200).putHeader("content-type", "application/grpc");
    grpcStatus(failure, response::putHeader);
    return Buffer.buffer(0);
  }

  /** The end of a gRPC call whose answer has begun. */
  static void putTrailers(Exchange exchange, MillraceException failure) {
    grpcStatus(failure, exchange.response()::putTrailer);
  }

  private static void grpcStatus(MillraceException failure, BiConsumer<String, String> put) {
    var status = GrpcErrors.toProto(failure);
    put.accept("grpc-status", Integer.toString(status.getCode()));
    put.accept("grpc-message", percentEncoded(status.getMessage()));
    put.accept(
        "grpc-status-details-bin",
        Base64.getEncoder().withoutPadding().encodeToString(status.toByteArray()));
  }

  /** As the gRPC protocol wants it: bytes outside of printable ASCII, and the percent sign. */
  static String percentEncoded(String message) {
    var encoded = new StringBuilder(message.length() + 16);
    for (byte next : message.getBytes(StandardCharsets.UTF_8)) {
      if (next >= ' ' && next <= '~' && next != '%') {
        encoded.append((char) next);
      } else {
        encoded.append('%').append(String.format(Locale.ROOT, "%02X", next & 0xff));
      }
    }
    return encoded.toString();
  }
}
