package dev.millrace.testkit.oip;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.InferParameter;
import dev.millrace.protocol.grpc.ModelConfig;
import dev.millrace.protocol.grpc.ModelConfigRequest;
import dev.millrace.protocol.grpc.ModelConfigResponse;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelInput;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelMetadataResponse;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ModelReadyResponse;
import dev.millrace.protocol.grpc.ModelStreamInferResponse;
import dev.millrace.protocol.grpc.ServerLiveRequest;
import dev.millrace.protocol.grpc.ServerLiveResponse;
import dev.millrace.protocol.grpc.ServerMetadataRequest;
import dev.millrace.protocol.grpc.ServerMetadataResponse;
import dev.millrace.protocol.grpc.ServerReadyRequest;
import dev.millrace.protocol.grpc.ServerReadyResponse;
import dev.millrace.protocol.oip.GrpcInferCodec;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Supplier;

/** The gRPC side of the reference server: as little as the suite needs. */
final class ReferenceGrpc extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {

  private static final Metadata.AsciiMarshaller<String> ASCII = Metadata.ASCII_STRING_MARSHALLER;
  private static final Context.Key<Boolean> ERRORS_AS_STATUS = Context.key("errors-as-status");
  static final Context.Key<Boolean> KNOWN_CALLER = Context.keyWithDefault("known-caller", false);

  /** Refuses calls without the key, but for health. */
  static final class Authentication implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      try {
        String method = call.getMethodDescriptor().getFullMethodName();
        String credential =
            headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
        boolean health = method.contains("Health/");
        if (!health && !method.contains("GRPCInferenceService/Server")) {
          ReferenceModel.authenticate(credential);
        }
        boolean asStatus = "true".equals(headers.get(Metadata.Key.of("triton_grpc_error", ASCII)));
        Context context =
            Context.current()
                .withValue(ERRORS_AS_STATUS, asStatus)
                .withValue(KNOWN_CALLER, credential != null);
        return Contexts.interceptCall(context, call, headers, next);
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

  @Override
  public StreamObserver<ModelInferRequest> modelStreamInfer(
      StreamObserver<ModelStreamInferResponse> caller) {
    return new Answering(caller, ERRORS_AS_STATUS.get());
  }

  /** Answers the messages of one stream as they come. */
  private static final class Answering implements StreamObserver<ModelInferRequest> {
    private final StreamObserver<ModelStreamInferResponse> caller;
    private final boolean asStatus;
    private String model = "";
    private boolean over;

    Answering(StreamObserver<ModelStreamInferResponse> caller, boolean asStatus) {
      this.caller = caller;
      this.asStatus = asStatus;
    }

    @Override
    public void onNext(ModelInferRequest request) {
      if (over) {
        return;
      }
      try {
        caller.onNext(answer(request));
      } catch (MillraceException failure) {
        if (asStatus || model.isEmpty()) {
          over = true;
          caller.onError(GrpcErrors.toException(failure));
        } else {
          caller.onNext(
              ModelStreamInferResponse.newBuilder()
                  .setErrorMessage(failure.message())
                  .setInferResponse(ModelInferResponse.newBuilder().setId(request.getId()))
                  .build());
        }
      }
    }

    private ModelStreamInferResponse answer(ModelInferRequest request) {
      if (!model.isEmpty() && !request.getModelName().equals(model)) {
        throw MillraceException.of(
            ErrorCode.INVALID_ARGUMENT, "'%s' on a stream of '%s'", request.getModelName(), model);
      }
      ReferenceModel.require(request.getModelName(), request.getModelVersion());
      model = request.getModelName();
      var response =
          GrpcInferCodec.encodeResponse(ReferenceModel.infer(GrpcInferCodec.decodeRequest(request)))
              .toBuilder();
      if (request.containsParameters("triton_enable_empty_final_response")) {
        response.putParameters(
            "triton_final_response", InferParameter.newBuilder().setBoolParam(true).build());
      }
      return ModelStreamInferResponse.newBuilder().setInferResponse(response).build();
    }

    @Override
    public void onError(Throwable gone) {
      over = true;
    }

    @Override
    public void onCompleted() {
      if (!over) {
        caller.onCompleted();
      }
    }
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
