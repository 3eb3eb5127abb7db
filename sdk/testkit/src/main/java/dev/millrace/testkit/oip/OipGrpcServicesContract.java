package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.health.v1.HealthGrpc.HealthBlockingStub;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** gRPC's own services beside the protocol's: health checking and server reflection. */
public interface OipGrpcServicesContract {
  /** Where the server is. */
  OipTarget target();

  private HealthBlockingStub health(@Nullable String key) {
    return HealthGrpc.newBlockingStub(OipGrpc.channel(target(), key))
        .withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  private static HealthCheckRequest of(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  @Test
  default void grpcHealthOfTheServerIsAnonymous() {
    for (String service : List.of("", GRPCInferenceServiceGrpc.SERVICE_NAME)) {
      assertThat(health(null).check(of(service)).getStatus()).isEqualTo(ServingStatus.SERVING);
    }
  }

  @Test
  default void grpcHealthOfAModelIsToldToItsCallers() {
    assertThat(health(target().apiKey()).check(of(target().endpoint())).getStatus())
        .isEqualTo(ServingStatus.SERVING);
    assumeTrue(target().apiKey() != null, "the server asks for no key");
    for (String service : List.of(target().endpoint(), "no-such-model")) {
      assertThat(status(() -> health(null).check(of(service))))
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  default void grpcHealthOfAnUnknownServiceIsNotFound() {
    assertThat(status(() -> health(target().apiKey()).check(of("no-such-model"))))
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  default void grpcHealthWatchTellsTheStateAtOnceAndStaysOpen() {
    assertThat(firstOfWatch("", null)).isEqualTo(ServingStatus.SERVING);
    assertThat(firstOfWatch(target().endpoint(), target().apiKey()))
        .isEqualTo(ServingStatus.SERVING);
    assertThat(firstOfWatch("no-such-model", target().apiKey()))
        .isEqualTo(ServingStatus.SERVICE_UNKNOWN);
  }

  private ServingStatus firstOfWatch(String service, @Nullable String key) {
    try (Context.CancellableContext leaving = Context.current().withCancellation()) {
      return leaving.call(
          () -> {
            Iterator<HealthCheckResponse> watch = health(key).watch(of(service));
            return watch.next().getStatus();
          });
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Test
  default void grpcReflectionListsTheServices() throws Exception {
    var services =
        reflect(target().apiKey(), ServerReflectionRequest.newBuilder().setListServices(""))
            .get(0)
            .getListServicesResponse()
            .getServiceList();
    assertThat(services)
        .extracting(service -> service.getName())
        .contains(
            GRPCInferenceServiceGrpc.SERVICE_NAME,
            HealthGrpc.SERVICE_NAME,
            ServerReflectionGrpc.SERVICE_NAME);
  }

  @Test
  default void grpcReflectionDescribesEverySymbolAndFile() throws Exception {
    var answers =
        reflect(
            target().apiKey(),
            symbol(GRPCInferenceServiceGrpc.SERVICE_NAME),
            symbol("inference.ModelInferRequest.InferInputTensor"),
            symbol("inference.NoSuchMessage"),
            ServerReflectionRequest.newBuilder().setFileByFilename("no-such.proto"));
    assertThat(answers).hasSize(4);
    for (int i = 0; i < 2; i++) {
      var files = answers.get(i).getFileDescriptorResponse().getFileDescriptorProtoList();
      assertThat(files).as("files of %s", answers.get(i)).isNotEmpty();
      FileDescriptorProto file = FileDescriptorProto.parseFrom(files.get(0));
      assertThat(file.getPackage()).isEqualTo("inference");
      assertThat(file.getService(0).getMethodList())
          .extracting(method -> method.getName())
          .contains("ModelInfer", "ModelStreamInfer", "ServerLive");
      var again =
          reflect(
              target().apiKey(),
              ServerReflectionRequest.newBuilder().setFileByFilename(file.getName()));
      assertThat(again.get(0).getFileDescriptorResponse().getFileDescriptorProtoList())
          .contains(files.get(0));
    }
    for (int i = 2; i < 4; i++) {
      assertThat(answers.get(i).getErrorResponse().getErrorCode())
          .isEqualTo(ErrorCode.NOT_FOUND.grpcStatus());
    }
  }

  @Test
  default void grpcReflectionAnswersItsOlderVersionToo() throws InvalidProtocolBufferException {
    // The messages are the same, under another name.
    var request = symbol(GRPCInferenceServiceGrpc.SERVICE_NAME).build();
    byte[] answer =
        OipGrpc.sendBytes(
            target(),
            "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            request.toByteArray());
    assertThat(
            ServerReflectionResponse.parseFrom(answer)
                .getFileDescriptorResponse()
                .getFileDescriptorProtoCount())
        .isPositive();
  }

  @Test
  default void grpcReflectionNeedsACredential() {
    assumeTrue(target().apiKey() != null, "the server asks for no key");
    var list = ServerReflectionRequest.newBuilder().setListServices("");
    assertThat(status(() -> reflect(null, list))).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  private static ServerReflectionRequest.Builder symbol(String name) {
    return ServerReflectionRequest.newBuilder().setFileContainingSymbol(name);
  }

  private static Status.Code status(Runnable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(failure).as("a failed call").isNotNull();
    return failure.getStatus().getCode();
  }

  /** All questions over one stream; their answers in order. */
  private List<ServerReflectionResponse> reflect(
      @Nullable String key, ServerReflectionRequest.Builder... questions) {
    var answers = new ArrayList<ServerReflectionResponse>();
    var end = new CompletableFuture<List<ServerReflectionResponse>>();
    StreamObserver<ServerReflectionRequest> asking =
        ServerReflectionGrpc.newStub(OipGrpc.channel(target(), key))
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    end.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(answers);
                  }
                });
    for (ServerReflectionRequest.Builder question : questions) {
      asking.onNext(question.build());
    }
    asking.onCompleted();
    try {
      return end.orTimeout(60, TimeUnit.SECONDS).join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof RuntimeException status ? status : failed;
    }
  }
}
