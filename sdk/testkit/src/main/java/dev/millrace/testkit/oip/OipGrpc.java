package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Stubs of the gRPC side, and what every failure must look like. Safe to share. */
final class OipGrpc {
  /** One channel for each target as long as the JVM lives: suites run many short tests. */
  private static final ConcurrentHashMap<String, ManagedChannel> CHANNELS =
      new ConcurrentHashMap<>();

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private OipGrpc() {}

  static GRPCInferenceServiceBlockingStub stub(OipTarget target) {
    return stub(target, target.apiKey());
  }

  static GRPCInferenceServiceBlockingStub stub(OipTarget target, @Nullable String key) {
    var stub =
        GRPCInferenceServiceGrpc.newBlockingStub(channel(target))
            .withDeadlineAfter(60, TimeUnit.SECONDS);
    if (key == null) {
      return stub;
    }
    return stub.withInterceptors(credential(key));
  }

  /** The same for calls that are streams. */
  static GRPCInferenceServiceStub async(OipTarget target, @Nullable String key) {
    var stub =
        GRPCInferenceServiceGrpc.newStub(channel(target)).withDeadlineAfter(60, TimeUnit.SECONDS);
    return key == null ? stub : stub.withInterceptors(credential(key));
  }

  /** The channel, with a credential on every call. */
  static Channel channel(OipTarget target, @Nullable String key) {
    return key == null
        ? channel(target)
        : ClientInterceptors.intercept(channel(target), credential(key));
  }

  private static ClientInterceptor credential(String key) {
    var headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + key);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private static ManagedChannel channel(OipTarget target) {
    return CHANNELS.computeIfAbsent(
        target.grpcTarget(),
        address ->
            ManagedChannelBuilder.forTarget(address)
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build());
  }

  /** Sends bytes that need not be a message as {@code ModelInfer}. */
  static byte[] sendBytes(OipTarget target, byte[] message) {
    return sendBytes(
        target, GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName(), message);
  }

  /** Sends one message to any method that answers with one. */
  static byte[] sendBytes(OipTarget target, String fullMethodName, byte[] message) {
    var method =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(fullMethodName)
            .setRequestMarshaller(new ByteMarshaller())
            .setResponseMarshaller(new ByteMarshaller())
            .build();
    var stub = stub(target);
    return ClientCalls.blockingUnaryCall(stub.getChannel(), method, stub.getCallOptions(), message);
  }

  /**
   * Checks that the call fails with that code's status and with our ErrorInfo, and returns its
   * sentence.
   */
  static String refused(ErrorCode code, Runnable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(failure).as("a failed call").isNotNull();
    assertThat(failure.getStatus().getCode().value())
        .as("status of %s", failure.getStatus())
        .isEqualTo(code.grpcStatus());
    assertThat(failure.getTrailers()).isNotNull();
    MillraceException read = GrpcErrors.fromException(failure);
    assertThat(read.code()).as("the ErrorInfo of %s", failure.getStatus()).isEqualTo(code);
    assertThat(read.message()).as("a sentence").hasSizeGreaterThan(5);
    return read.message();
  }
}
