package dev.millrace.testkit.oip;

import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.ModelConfig;
import dev.millrace.protocol.grpc.ModelConfigRequest;
import dev.millrace.protocol.grpc.ModelConfigResponse;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInput;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelMetadataResponse;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ModelReadyResponse;
import dev.millrace.protocol.grpc.ServerLiveRequest;
import dev.millrace.protocol.grpc.ServerLiveResponse;
import dev.millrace.protocol.grpc.ServerMetadataRequest;
import dev.millrace.protocol.grpc.ServerMetadataResponse;
import dev.millrace.protocol.grpc.ServerReadyRequest;
import dev.millrace.protocol.grpc.ServerReadyResponse;
import dev.millrace.protocol.oip.GrpcInferCodec;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Supplier;

/** The gRPC side of the reference server: as little as the suite needs. */
final class ReferenceGrpc extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {

  /** Refuses calls without the key, but for health. */
  static final class Authentication implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      try {
        if (!call.getMethodDescriptor().getFullMethodName().contains("/Server")) {
          ReferenceModel.authenticate(
              headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)));
        }
        return next.startCall(call, headers);
      } catch (MillraceException failure) {
        call.close(GrpcErrors.toStatus(failure), GrpcErrors.toTrailers(failure));
        return new ServerCall.Listener<>() {};
      }
    }
  }

  static <T> void answer(StreamObserver<T> caller, Supplier<T> work) {
    try {
      caller.onNext(work.get());
      caller.onCompleted();
    } catch (MillraceException failure) {
      caller.onError(GrpcErrors.toException(failure));
    }
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> caller) {
    answer(caller, () -> ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> caller) {
    answer(caller, () -> ServerReadyResponse.newBuilder().setReady(true).build());
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> caller) {
    answer(
        caller,
        () ->
            ServerMetadataResponse.newBuilder()
                .setName("r")
                .addExtensions("binary_tensor_data")
                .build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> caller) {
    answer(caller, () -> ModelReadyResponse.newBuilder().setReady(true).build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> caller) {
    answer(
        caller,
        () -> {
          ReferenceModel.require(request.getName(), request.getVersion());
          return ModelMetadataResponse.newBuilder()
              .setName(request.getName())
              .addInputs(tensor("x", 4))
              .addOutputs(tensor("y", 3))
              .build();
        });
  }

  private static ModelMetadataResponse.TensorMetadata tensor(String name, long width) {
    return ModelMetadataResponse.TensorMetadata.newBuilder()
        .setName(name)
        .setDatatype("FP32")
        .addAllShape(List.of(-1L, width))
        .build();
  }

  @Override
  public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> caller) {
    var config =
        ModelConfig.newBuilder()
            .setName(request.getName())
            .setMaxBatchSize(8)
            .addInput(ModelInput.newBuilder().setName("x").addDims(4));
    answer(caller, () -> ModelConfigResponse.newBuilder().setConfig(config).build());
  }

  /** The whole call with bytes in, as a server with its own marshaller does it. */
  static byte[] infer(byte[] message) {
    ModelInferRequest request = GrpcInferCodec.parse(java.nio.ByteBuffer.wrap(message));
    ReferenceModel.require(request.getModelName(), request.getModelVersion());
    return GrpcInferCodec.encodeResponse(
            ReferenceModel.infer(GrpcInferCodec.decodeRequest(request)))
        .toByteArray();
  }
}
