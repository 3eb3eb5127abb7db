package dev.millrace.client;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelMetadataResponse;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ModelReadyResponse;
import dev.millrace.protocol.grpc.ServerMetadataRequest;
import dev.millrace.protocol.grpc.ServerMetadataResponse;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.function.BiFunction;

/** A gRPC server of the protocol with one model, {@code m}. */
final class FakeInferenceServer extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase
    implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> REQUEST_ID =
      Metadata.Key.of("millrace-request-id", Metadata.ASCII_STRING_MARSHALLER);

  private final BiFunction<String, InferRequest, InferResponse> model;
  private final Server server;
  private volatile String authorization = "";
  private volatile MillraceException failure;

  FakeInferenceServer(BiFunction<String, InferRequest, InferResponse> model) throws IOException {
    this.model = model;
    this.server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .directExecutor()
            .addService(this)
            .intercept(new Remembering())
            .build()
            .start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getPort();
  }

  String lastAuthorization() {
    return authorization;
  }

  void failWith(MillraceException every) {
    failure = every;
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> answer) {
    if (failure != null) {
      Metadata trailers = GrpcErrors.toTrailers(failure);
      trailers.put(REQUEST_ID, "r-9");
      answer.onError(GrpcErrors.toStatus(failure).asRuntimeException(trailers));
      return;
    }
    InferResponse response =
        model.apply(request.getModelName(), GrpcInferCodec.decodeRequest(request));
    answer.onNext(GrpcInferCodec.encodeResponse(response));
    answer.onCompleted();
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> answer) {
    answer.onNext(
        ModelMetadataResponse.newBuilder()
            .setName("m")
            .addInputs(
                ModelMetadataResponse.TensorMetadata.newBuilder()
                    .setName("x")
                    .setDatatype("FP32")
                    .addShape(-1)
                    .addShape(2))
            .build());
    answer.onCompleted();
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> answer) {
    if (!request.getName().equals("m")) {
      answer.onError(
          GrpcErrors.toException(MillraceException.of(ErrorCode.NOT_FOUND, "unknown model")));
      return;
    }
    answer.onNext(ModelReadyResponse.newBuilder().setReady(true).build());
    answer.onCompleted();
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> answer) {
    answer.onNext(ServerMetadataResponse.newBuilder().setName("fake").setVersion("1").build());
    answer.onCompleted();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Remembering implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String given = headers.get(AUTHORIZATION);
      authorization = given == null ? "" : given;
      return next.startCall(call, headers);
    }
  }
}
