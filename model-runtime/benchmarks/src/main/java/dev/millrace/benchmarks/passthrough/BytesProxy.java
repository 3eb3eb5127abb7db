package dev.millrace.benchmarks.passthrough;

import dev.millrace.benchmarks.wire.ByteMarshaller;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Joins a gRPC-Java server call of any method to a client call, message by message. */
final class BytesProxy extends HandlerRegistry implements ServerCallHandler<byte[], byte[]> {
  private final Channel upstream;
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new ConcurrentHashMap<>();

  private BytesProxy(Channel upstream) {
    this.upstream = upstream;
  }

  /** Listens on a free port, which it returns. */
  static int start(int upstreamPort) throws IOException {
    // Calls run on the transport's threads at both ends: there is nothing in them that blocks.
    var channel =
        Grpc.newChannelBuilder(
                ProxyTransport.LOOPBACK + ":" + upstreamPort, InsecureChannelCredentials.create())
            .directExecutor()
            .maxInboundMessageSize(ProxyTransport.MAX_MESSAGE_BYTES)
            .build();
    return Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
        .directExecutor()
        .maxInboundMessageSize(ProxyTransport.MAX_MESSAGE_BYTES)
        .fallbackHandlerRegistry(new BytesProxy(channel))
        .build()
        .start()
        .getPort();
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
    return methods.computeIfAbsent(name, this::method);
  }

  private ServerMethodDefinition<byte[], byte[]> method(String name) {
    return ServerMethodDefinition.create(
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNKNOWN)
            .setFullMethodName(name)
            .setRequestMarshaller(ByteMarshaller.INSTANCE)
            .setResponseMarshaller(ByteMarshaller.INSTANCE)
            .build(),
        this);
  }

  @Override
  public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> call, Metadata headers) {
    var out = upstream.newCall(call.getMethodDescriptor(), CallOptions.DEFAULT);
    var pair = new Pair(call, out);
    out.start(pair.answers, headers);
    call.request(1);
    out.request(1);
    return pair.requests;
  }

  /** Asks one side for the next message when the other can take it. */
  private static final class Pair {
    private final ServerCall<byte[], byte[]> in;
    private final ClientCall<byte[], byte[]> out;
    private final Requests requests = new Requests();
    private final Answers answers = new Answers();

    Pair(ServerCall<byte[], byte[]> in, ClientCall<byte[], byte[]> out) {
      this.in = in;
      this.out = out;
    }

    /** What the client does. */
    private final class Requests extends ServerCall.Listener<byte[]> {
      private boolean waiting;

      @Override
      public void onMessage(byte[] message) {
        out.sendMessage(message);
        synchronized (this) {
          waiting = !out.isReady();
          if (waiting) {
            return;
          }
        }
        in.request(1);
      }

      /** The upstream takes more. */
      void drained() {
        synchronized (this) {
          if (!waiting) {
            return;
          }
          waiting = false;
        }
        in.request(1);
      }

      @Override
      public void onHalfClose() {
        out.halfClose();
      }

      @Override
      public void onCancel() {
        out.cancel("the client cancelled", null);
      }

      @Override
      public void onReady() {
        answers.drained();
      }
    }

    /** What the upstream does. */
    private final class Answers extends ClientCall.Listener<byte[]> {
      private boolean waiting;

      @Override
      public void onHeaders(Metadata headers) {
        in.sendHeaders(headers);
      }

      @Override
      public void onMessage(byte[] message) {
        in.sendMessage(message);
        synchronized (this) {
          waiting = !in.isReady();
          if (waiting) {
            return;
          }
        }
        out.request(1);
      }

      /** The client takes more. */
      void drained() {
        synchronized (this) {
          if (!waiting) {
            return;
          }
          waiting = false;
        }
        out.request(1);
      }

      @Override
      public void onClose(io.grpc.Status status, Metadata trailers) {
        in.close(status, trailers);
      }

      @Override
      public void onReady() {
        requests.drained();
      }
    }
  }
}
