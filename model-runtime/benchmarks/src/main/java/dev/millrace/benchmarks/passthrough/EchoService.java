package dev.millrace.benchmarks.passthrough;

import dev.millrace.benchmarks.wire.ByteMarshaller;
import dev.millrace.benchmarks.wire.GrpcTarget;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The upstream of every proxy: {@code ModelInfer} sends the message back; the probe methods show
 * whether errors, streams and cancellation cross a proxy.
 */
final class EchoService {
  static final MethodDescriptor<byte[], byte[]> FAIL =
      probe("Fail", MethodDescriptor.MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> HANG =
      probe("Hang", MethodDescriptor.MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> CANCELLED =
      probe("Cancelled", MethodDescriptor.MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> STREAM =
      probe("Stream", MethodDescriptor.MethodType.BIDI_STREAMING);

  /** What {@link #FAIL} says. */
  static final Status FAILURE = Status.FAILED_PRECONDITION.withDescription("asked to fail: 100 %");

  /** Its trailers. */
  static final Metadata.Key<String> DETAIL =
      Metadata.Key.of("probe-detail", Metadata.ASCII_STRING_MARSHALLER);

  static final Metadata.Key<byte[]> DETAIL_BYTES =
      Metadata.Key.of("probe-detail-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final String SERVICE = "millrace.bench.Probe";

  private EchoService() {}

  private static MethodDescriptor<byte[], byte[]> probe(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(ByteMarshaller.INSTANCE)
        .setResponseMarshaller(ByteMarshaller.INSTANCE)
        .build();
  }

  /** Listens on a free port, which it returns. */
  static int start() throws IOException {
    return Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
        .directExecutor()
        .maxInboundMessageSize(ProxyTransport.MAX_MESSAGE_BYTES)
        .addService(inference())
        .addService(probes())
        .build()
        .start()
        .getPort();
  }

  private static ServerServiceDefinition inference() {
    return ServerServiceDefinition.builder(GRPCInferenceServiceGrpc.SERVICE_NAME)
        .addMethod(GrpcTarget.MODEL_INFER, ServerCalls.asyncUnaryCall(EchoService::answer))
        .build();
  }

  private static ServerServiceDefinition probes() {
    var cancelled = new AtomicInteger();
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(FAIL, ServerCalls.asyncUnaryCall(EchoService::fail))
        .addMethod(
            HANG,
            ServerCalls.asyncUnaryCall(
                (request, answer) ->
                    ((ServerCallStreamObserver<byte[]>) answer)
                        .setOnCancelHandler(cancelled::incrementAndGet)))
        .addMethod(
            CANCELLED,
            ServerCalls.asyncUnaryCall(
                (request, answer) ->
                    answer(
                        ByteBuffer.allocate(Integer.BYTES).putInt(cancelled.get()).array(),
                        answer)))
        .addMethod(STREAM, ServerCalls.asyncBidiStreamingCall(Echo::new))
        .build();
  }

  private static void answer(byte[] message, StreamObserver<byte[]> answer) {
    answer.onNext(message);
    answer.onCompleted();
  }

  private static void fail(byte[] request, StreamObserver<byte[]> answer) {
    var trailers = new Metadata();
    trailers.put(DETAIL, "crossed");
    trailers.put(DETAIL_BYTES, request);
    answer.onError(FAILURE.asRuntimeException(trailers));
  }

  /** Each message back before the next is read. */
  private record Echo(StreamObserver<byte[]> answer) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] message) {
      answer.onNext(message);
    }

    @Override
    public void onError(Throwable gone) {
      // The caller went away; nothing is held for it.
    }

    @Override
    public void onCompleted() {
      answer.onCompleted();
    }
  }
}
