package dev.millrace.runtime.server.grpc;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.http.RequestIds;
import dev.millrace.runtime.server.oip.CallContext;
import dev.millrace.runtime.server.oip.Cancellation;
import dev.millrace.runtime.server.oip.ClusterToken;
import dev.millrace.runtime.server.oip.GrpcReply;
import dev.millrace.runtime.server.oip.OipGrpcHandler;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What unary calls and streams have in common: who calls, until when, and how a refusal looks. */
final class CallStart {
  /** Compressing less would not save a packet. */
  private static final int SMALLEST_COMPRESSED = 1 << 10;

  private CallStart() {}

  /**
   * Answers are compressed as the request was, when its caller takes that back (which gRPC checks
   * itself). To be called before the answer's head is sent.
   */
  static void compressLikeRequest(
      ServerCall<List<ByteBuffer>, List<ByteBuffer>> call, Metadata headers) {
    String encoding = value(headers, "grpc-encoding");
    if ("gzip".equals(encoding) || "deflate".equals(encoding)) {
      call.setCompression(encoding);
    }
  }

  /** Sends one message; not compressed when it is small. */
  static void send(ServerCall<List<ByteBuffer>, List<ByteBuffer>> call, GrpcReply reply) {
    call.setMessageCompression(reply.size() >= SMALLEST_COMPRESSED);
    call.sendMessage(reply.message());
  }

  /** The call's context; null when it was refused and is closed. */
  static @Nullable CallContext context(
      String rpc,
      ServerCall<List<ByteBuffer>, List<ByteBuffer>> call,
      Metadata headers,
      ClusterToken token) {
    long arrivalNanos = System.nanoTime();
    try {
      if (!OipGrpcHandler.ANONYMOUS_RPCS.contains(rpc)) {
        token.check(value(headers, MillraceHeaders.INTERNAL_TOKEN));
      }
      return CallContext.read(name -> value(headers, name), arrivalNanos, new Cancellation())
          .before(deadline(arrivalNanos));
    } catch (MillraceException refused) {
      close(call, refused, RequestIds.orNew(value(headers, MillraceHeaders.REQUEST_ID)));
      return null;
    }
  }

  static @Nullable String value(Metadata headers, String name) {
    return headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
  }

  static void put(Metadata metadata, String name, String value) {
    metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  /** Ends the call with a failure. */
  static void close(
      ServerCall<List<ByteBuffer>, List<ByteBuffer>> call,
      MillraceException failure,
      String requestId) {
    Metadata trailers = GrpcErrors.toTrailers(failure);
    put(trailers, MillraceHeaders.REQUEST_ID, requestId);
    call.close(GrpcErrors.toStatus(failure), trailers);
  }

  /** What is wrong with a message that the marshaller could not inflate; null for any other. */
  static @Nullable MillraceException brokenMessage(List<ByteBuffer> received) {
    if (received == BytesMarshaller.TOO_LARGE) {
      return MillraceException.of(
          ErrorCode.PAYLOAD_TOO_LARGE, "the message inflates beyond the limit of a message");
    }
    return received.isEmpty()
        ? MillraceException.of(
            ErrorCode.INVALID_ARGUMENT, "the message is not valid in its grpc-encoding")
        : null;
  }

  private static long deadline(long arrivalNanos) {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? CallContext.NO_DEADLINE
        : arrivalNanos + Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS));
  }
}
