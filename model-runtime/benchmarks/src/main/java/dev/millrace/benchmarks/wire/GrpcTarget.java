package dev.millrace.benchmarks.wire;

import dev.millrace.benchmarks.load.Answered;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server behind gRPC ({@code ModelInfer}), all calls on one HTTP/2 connection, as the usual
 * clients do. Answers are checked on the connection's own thread.
 */
public final class GrpcTarget implements Target {
  /** {@code ModelInfer} with messages left as bytes. */
  public static final MethodDescriptor<byte[], byte[]> MODEL_INFER =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName())
          .setRequestMarshaller(ByteMarshaller.INSTANCE)
          .setResponseMarshaller(ByteMarshaller.INSTANCE)
          .build();

  private static final int MAX_MESSAGE_BYTES = 64 << 20;
  private static final long CLOSE_SECONDS = 5;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final ManagedChannel connection;
  private final Channel channel;
  private final List<Exchange> exchanges;

  /** Connects with the first call. Exchanges are sent in turn. */
  public GrpcTarget(ServerAddress address, List<Exchange> exchanges) {
    this.exchanges = List.copyOf(exchanges);
    this.connection =
        Grpc.newChannelBuilder(address.grpc(), InsecureChannelCredentials.create())
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .build();
    this.channel = authorized(connection, address.key());
  }

  private static Channel authorized(Channel channel, @Nullable String key) {
    if (key == null) {
      return channel;
    }
    var headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + key);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Override
  public void call(int lane, long index, Answered answered) {
    Exchange exchange = exchanges.get((int) (index % exchanges.size()));
    answered.sent();
    ClientCalls.asyncUnaryCall(
        channel.newCall(MODEL_INFER, CallOptions.DEFAULT),
        exchange.request(),
        new Answer(exchange, answered));
  }

  @Override
  public void close() {
    connection.shutdownNow();
    try {
      connection.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The answer to one call; gRPC calls it from one thread at a time. */
  private static final class Answer implements StreamObserver<byte[]> {
    private final Exchange exchange;
    private final Answered answered;
    private @Nullable String problem = "no message in the answer";

    Answer(Exchange exchange, Answered answered) {
      this.exchange = exchange;
      this.answered = answered;
    }

    @Override
    public void onNext(byte[] message) {
      problem = exchange.check().problem(message, -1);
    }

    @Override
    public void onError(Throwable failure) {
      answered.failed("gRPC " + io.grpc.Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      if (problem == null) {
        answered.ok();
      } else {
        answered.wrong(problem);
      }
    }
  }
}
