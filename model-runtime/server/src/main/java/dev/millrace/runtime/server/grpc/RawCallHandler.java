package dev.millrace.runtime.server.grpc;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.runtime.server.oip.CallContext;
import dev.millrace.runtime.server.oip.Cancellation;
import dev.millrace.runtime.server.oip.ClusterToken;
import dev.millrace.runtime.server.oip.GrpcReply;
import dev.millrace.runtime.server.oip.OipGrpcHandler;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Serves one unary method with encoded messages. */
final class RawCallHandler implements ServerCallHandler<List<ByteBuffer>, List<ByteBuffer>> {
  private final String rpc;
  private final OipGrpcHandler handler;
  private final ClusterToken token;

  RawCallHandler(String rpc, OipGrpcHandler handler, ClusterToken token) {
    this.rpc = rpc;
    this.handler = handler;
    this.token = token;
  }

  @Override
  public ServerCall.Listener<List<ByteBuffer>> startCall(
      ServerCall<List<ByteBuffer>, List<ByteBuffer>> call, Metadata headers) {
    long arrivalNanos = System.nanoTime();
    var cancellation = new Cancellation();
    CallContext context;
    try {
      if (!OipGrpcHandler.ANONYMOUS_RPCS.contains(rpc)) {
        token.check(value(headers, MillraceHeaders.INTERNAL_TOKEN));
      }
      context =
          CallContext.read(name -> value(headers, name), arrivalNanos, cancellation)
              .before(deadline(arrivalNanos));
    } catch (MillraceException refused) {
      close(call, refused, CallContext.requestId(value(headers, MillraceHeaders.REQUEST_ID)));
      return new ServerCall.Listener<>() {};
    }
    // Two: one message, and the notice that there is no second.
    call.request(2);
    return new UnaryListener(call, context);
  }

  private static long deadline(long arrivalNanos) {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? CallContext.NO_DEADLINE
        : arrivalNanos + Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS));
  }

  private static @Nullable String value(Metadata headers, String name) {
    return headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
  }

  private static void close(
      ServerCall<List<ByteBuffer>, List<ByteBuffer>> call,
      MillraceException failure,
      String requestId) {
    Metadata trailers = GrpcErrors.toTrailers(failure);
    put(trailers, MillraceHeaders.REQUEST_ID, requestId);
    call.close(GrpcErrors.toStatus(failure), trailers);
  }

  private static void put(Metadata metadata, String name, String value) {
    metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  /** Waits for the only message, then for the answer. */
  private final class UnaryListener extends ServerCall.Listener<List<ByteBuffer>> {
    private final ServerCall<List<ByteBuffer>, List<ByteBuffer>> call;
    private final CallContext context;
    private @Nullable List<ByteBuffer> message;

    UnaryListener(ServerCall<List<ByteBuffer>, List<ByteBuffer>> call, CallContext context) {
      this.call = call;
      this.context = context;
    }

    @Override
    public void onMessage(List<ByteBuffer> received) {
      if (message == null) {
        message = received;
      } else {
        call.close(Status.INTERNAL.withDescription("more than one message"), new Metadata());
      }
    }

    @Override
    public void onHalfClose() {
      List<ByteBuffer> received = message;
      if (received == null) {
        call.close(Status.INTERNAL.withDescription("no message"), new Metadata());
        return;
      }
      message = null;
      if (received.isEmpty()) {
        answer(
            null,
            MillraceException.of(
                ErrorCode.INVALID_ARGUMENT, "the message is not valid in its grpc-encoding"));
        return;
      }
      handler.handle(rpc, received.get(0), context).whenComplete(this::answer);
    }

    @Override
    public void onCancel() {
      context.cancellation().cancel();
    }

    private void answer(@Nullable GrpcReply reply, @Nullable Throwable failure) {
      if (reply == null) {
        if (!call.isCancelled()) {
          close(call, asMillrace(failure), context.requestId());
        }
        return;
      }
      // Sending copies the message into the transport's buffers.
      try (reply) {
        if (!call.isCancelled()) {
          send(reply);
        }
      }
    }

    private void send(GrpcReply reply) {
      Metadata headers = new Metadata();
      reply.headers().forEach((name, value) -> put(headers, name, value));
      call.sendHeaders(headers);
      call.sendMessage(reply.message());
      call.close(Status.OK, new Metadata());
    }

    private static MillraceException asMillrace(@Nullable Throwable failure) {
      return failure instanceof MillraceException known
          ? known
          : MillraceException.of(ErrorCode.INTERNAL, "the call failed; quote its request id");
    }
  }
}
