package dev.millrace.runtime.server.grpc;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.runtime.server.oip.CallContext;
import dev.millrace.runtime.server.oip.ClusterToken;
import dev.millrace.runtime.server.oip.GrpcReply;
import dev.millrace.runtime.server.oip.InferStream;
import dev.millrace.runtime.server.oip.OipGrpcHandler;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Serves {@code ModelStreamInfer} with encoded messages. */
final class StreamCallHandler implements ServerCallHandler<List<ByteBuffer>, List<ByteBuffer>> {
  private final OipGrpcHandler handler;
  private final ClusterToken token;

  StreamCallHandler(OipGrpcHandler handler, ClusterToken token) {
    this.handler = handler;
    this.token = token;
  }

  @Override
  public ServerCall.Listener<List<ByteBuffer>> startCall(
      ServerCall<List<ByteBuffer>, List<ByteBuffer>> call, Metadata headers) {
    CallContext context = CallStart.context(OipGrpcHandler.STREAM_RPC, call, headers, token);
    if (context == null) {
      return new ServerCall.Listener<>() {};
    }
    CallStart.compressLikeRequest(call, headers);
    boolean errorsEndIt =
        Boolean.parseBoolean(CallStart.value(headers, OipGrpcHandler.ERRORS_END_STREAM));
    var wire = new Wire(call, context.requestId());
    InferStream stream;
    try {
      stream = handler.stream(context, errorsEndIt, wire);
    } catch (MillraceException refused) {
      CallStart.close(call, refused, context.requestId());
      return new ServerCall.Listener<>() {};
    }
    call.request(InferStream.WINDOW);
    return new Listener(stream, wire);
  }

  /** Hands the stream what comes. */
  private static final class Listener extends ServerCall.Listener<List<ByteBuffer>> {
    private final InferStream stream;
    private final Wire wire;

    Listener(InferStream stream, Wire wire) {
      this.stream = stream;
      this.wire = wire;
    }

    @Override
    public void onMessage(List<ByteBuffer> received) {
      MillraceException broken = CallStart.brokenMessage(received);
      if (broken != null) {
        stream.onBrokenMessage(broken);
      } else {
        stream.onMessage(received.getFirst());
      }
    }

    @Override
    public void onHalfClose() {
      stream.onHalfClose();
    }

    @Override
    public void onCancel() {
      stream.onCancel();
    }

    @Override
    public void onReady() {
      wire.letIn();
    }
  }

  /** Sends what the stream answers, and lets messages in at the pace at which answers are read. */
  private static final class Wire implements InferStream.Transport {
    private final ServerCall<List<ByteBuffer>, List<ByteBuffer>> call;
    private final String requestId;
    private boolean begun;
    private int owed;

    Wire(ServerCall<List<ByteBuffer>, List<ByteBuffer>> call, String requestId) {
      this.call = call;
      this.requestId = requestId;
    }

    @Override
    public void execute(Runnable work) {
      work.run();
    }

    @Override
    public void send(GrpcReply reply) {
      // Sending copies the message into the transport's buffers.
      try (reply) {
        if (!call.isCancelled()) {
          begin();
          CallStart.send(call, reply);
        }
      }
    }

    @Override
    public void more() {
      synchronized (this) {
        owed++;
      }
      letIn();
    }

    /** Lets in what was held back because the caller does not read its answers. */
    void letIn() {
      int count;
      synchronized (this) {
        if (owed == 0 || !call.isReady()) {
          return;
        }
        count = owed;
        owed = 0;
      }
      call.request(count);
    }

    @Override
    public void end(@Nullable MillraceException failure) {
      if (call.isCancelled()) {
        return;
      }
      if (failure != null) {
        CallStart.close(call, failure, requestId);
        return;
      }
      begin();
      call.close(Status.OK, new Metadata());
    }

    private void begin() {
      if (!begun) {
        begun = true;
        Metadata headers = new Metadata();
        CallStart.put(headers, MillraceHeaders.REQUEST_ID, requestId);
        call.sendHeaders(headers);
      }
    }
  }
}
