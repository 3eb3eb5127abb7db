package dev.millrace.client;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelMetadataResponse;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ServerMetadataRequest;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.ModelMetadata;
import dev.millrace.protocol.oip.ServerMetadata;
import dev.millrace.protocol.oip.TensorMetadata;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The protocol over gRPC: HTTP/2 in plaintext or over TLS, on the port that serves HTTP too. */
final class GrpcTransport implements InferTransport {
  private static final Metadata.Key<String> REQUEST_ID =
      Metadata.Key.of(MillraceHeaders.REQUEST_ID, Metadata.ASCII_STRING_MARSHALLER);

  /** Open calls are cancelled on close; this is for their threads to notice. */
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final ServerAddress address;
  private final Duration timeout;
  private final ManagedChannel channel;
  private final GRPCInferenceServiceBlockingStub stub;

  GrpcTransport(ServerAddress address, Credentials credentials, ClientOptions options) {
    this.address = address;
    this.timeout = options.timeout();
    this.channel =
        Grpc.newChannelBuilderForAddress(
                address.host(), address.port(), channelCredentials(address, options))
            .maxInboundMessageSize(options.maxMessageBytes())
            .build();
    this.stub =
        GRPCInferenceServiceGrpc.newBlockingStub(channel)
            .withInterceptors(new CredentialInterceptor(credentials, options.project()));
  }

  private static ChannelCredentials channelCredentials(
      ServerAddress address, ClientOptions options) {
    if (!address.tls()) {
      return InsecureChannelCredentials.create();
    }
    var trusted = options.trustedCertificates();
    return trusted == null
        ? TlsChannelCredentials.create()
        : TlsChannelCredentials.newBuilder()
            .trustManager(TrustedCertificates.trust(trusted))
            .build();
  }

  @Override
  public InferResponse infer(InferRequest request, Duration deadline) {
    var message = GrpcInferCodec.encodeRequest(request, GrpcEncoding.RAW);
    return GrpcInferCodec.decodeResponse(call(deadline, s -> s.modelInfer(message)));
  }

  @Override
  public ModelMetadata modelMetadata(String model, String version) {
    var request = ModelMetadataRequest.newBuilder().setName(model).setVersion(version).build();
    ModelMetadataResponse answer = call(timeout, s -> s.modelMetadata(request));
    return new ModelMetadata(
        answer.getName(),
        List.copyOf(answer.getVersionsList()),
        answer.getPlatform(),
        tensors(answer.getInputsList()),
        tensors(answer.getOutputsList()),
        answer.getPropertiesMap());
  }

  private static List<TensorMetadata> tensors(List<ModelMetadataResponse.TensorMetadata> tensors) {
    return tensors.stream()
        .map(t -> new TensorMetadata(t.getName(), t.getDatatype(), List.copyOf(t.getShapeList())))
        .toList();
  }

  @Override
  public boolean modelReady(String model, String version) {
    var request = ModelReadyRequest.newBuilder().setName(model).setVersion(version).build();
    try {
      return call(timeout, s -> s.modelReady(request)).getReady();
    } catch (MillraceException failure) {
      if (failure.code() == ErrorCode.NOT_FOUND || failure.code() == ErrorCode.MODEL_NOT_READY) {
        return false;
      }
      throw failure;
    }
  }

  @Override
  public ServerMetadata serverMetadata() {
    var answer = call(timeout, s -> s.serverMetadata(ServerMetadataRequest.getDefaultInstance()));
    return new ServerMetadata(
        answer.getName(), answer.getVersion(), List.copyOf(answer.getExtensionsList()));
  }

  private <T> T call(Duration deadline, Function<GRPCInferenceServiceBlockingStub, T> method) {
    try {
      return method.apply(stub.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
    } catch (StatusRuntimeException failed) {
      throw failure(failed);
    }
  }

  private MillraceException failure(StatusRuntimeException failed) {
    Status status = failed.getStatus();
    if (channel.isShutdown() && status.getCode() == Status.Code.UNAVAILABLE) {
      throw new IllegalStateException("this client is closed", failed);
    }
    Throwable root = rootOf(status.getCause());
    if (status.getCode() == Status.Code.UNAVAILABLE && root instanceof IOException) {
      return HttpConnection.unreachable(
          address, connectFailure(root) ? new ConnectException() : root);
    }
    MillraceException failure = GrpcErrors.fromException(failed);
    Metadata trailers = failed.getTrailers();
    String requestId = trailers == null ? null : trailers.get(REQUEST_ID);
    return requestId == null ? failure : failure.withDetail(Millrace.REQUEST_ID_DETAIL, requestId);
  }

  private static boolean connectFailure(Throwable root) {
    return root instanceof ConnectException || root instanceof java.net.UnknownHostException;
  }

  private static @Nullable Throwable rootOf(@Nullable Throwable failure) {
    Throwable root = failure;
    while (root != null && root.getCause() != null && !(root instanceof ConnectException)) {
      root = root.getCause();
    }
    return root;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
