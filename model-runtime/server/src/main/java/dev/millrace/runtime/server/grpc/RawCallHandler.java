package dev.millrace.runtime.server.grpc;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.runtime.server.oip.CallContext;
import dev.millrace.runtime.server.oip.ClusterToken;
import dev.millrace.runtime.server.oip.GrpcReply;
import dev.millrace.runtime.server.oip.OipGrpcHandler;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.util.List;
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
    CallContext context = CallStart.context(rpc, call, headers, token);
    if (context == null) {
      return new ServerCall.Listener<>() {};
    }
    CallStart.compressLikeRequest(call, headers);
    // Two: one message, and the notice that there is no second.
    call.request(2);
    return new UnaryListener(call, context);
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
      MillraceException broken = CallStart.brokenMessage(received);
      if (broken != null) {
        answer(null, broken);
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
          CallStart.close(call, asMillrace(failure), context.requestId());
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
      reply.headers().forEach((name, value) -> CallStart.put(headers, name, value));
      call.sendHeaders(headers);
      CallStart.send(call, reply);
      call.close(Status.OK, new Metadata());
    }

    private static MillraceException asMillrace(@Nullable Throwable failure) {
      return failure instanceof MillraceException known
          ? known
          : MillraceException.of(ErrorCode.INTERNAL, "the call failed; quote its request id");
    }
  }
}
