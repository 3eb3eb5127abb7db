package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.millrace.e2e.support.SharedPlatform;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ServerLiveRequest;
import dev.millrace.protocol.grpc.ServerReadyRequest;
import dev.millrace.testkit.onnx.TinyModels;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A stub as protoc makes it on a channel as grpc-java makes it: none of our codecs, clients or
 * interceptors are in between.
 */
@ExtendWith(SharedPlatform.class)
class GrpcJavaE2E {
  private ManagedChannel channel;
  private GRPCInferenceServiceBlockingStub stub;

  @BeforeEach
  void connect(SharedPlatform.Running running) throws Exception {
    running.serving("linear", TinyModels.linear(4, 3)).serving("slow", TinyModels.slowOnDemand(1));
    channel =
        ManagedChannelBuilder.forTarget(running.platform().grpcTarget()).usePlaintext().build();
    stub =
        GRPCInferenceServiceGrpc.newBlockingStub(channel)
            .withCallCredentials(new Bearer(running.platform().key()))
            .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  /** A key as users of grpc-java attach one. */
  private static final class Bearer extends CallCredentials {
    private final String key;

    Bearer(String key) {
      this.key = key;
    }

    @Override
    public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
      var headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
      applier.apply(headers);
    }
  }

  private static ModelInferRequest.Builder request(String model) {
    var request = ModelInferRequest.newBuilder().setModelName(model).setId("17");
    request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(4);
    return request;
  }

  private static ModelInferRequest typed(String model, Float... values) {
    var request = request(model);
    request.getInputsBuilder(0).getContentsBuilder().addAllFp32Contents(List.of(values));
    return request.build();
  }

  private static ModelInferRequest raw(float... values) {
    var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return request("linear").addRawInputContents(ByteString.copyFrom(bytes.flip())).build();
  }

  private static void isRight(ModelInferResponse answer) {
    assertThat(answer.getId()).isEqualTo("17");
    assertThat(answer.getOutputs(0).getName()).isEqualTo("y");
    assertThat(answer.getOutputs(0).getShapeList()).containsExactly(1L, 3L);
    if (answer.getRawOutputContentsCount() == 0) {
      assertThat(answer.getOutputs(0).getContents().getFp32ContentsList())
          .containsExactly(30f, 61f, 92f);
    } else {
      var bytes = answer.getRawOutputContents(0).asReadOnlyByteBuffer();
      var floats = bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      assertThat(List.of(floats.get(), floats.get(), floats.get())).containsExactly(30f, 61f, 92f);
    }
  }

  @Test
  void healthAndMetadata() {
    assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
    assertThat(stub.modelReady(ModelReadyRequest.newBuilder().setName("linear").build()).getReady())
        .isTrue();
    var model = stub.modelMetadata(ModelMetadataRequest.newBuilder().setName("linear").build());
    assertThat(model.getInputs(0).getShapeList()).containsExactly(-1L, 4L);
  }

  @Test
  void rawAndTypedContents() {
    isRight(stub.modelInfer(raw(1, 2, 3, 4)));
    isRight(stub.modelInfer(typed("linear", 1f, 2f, 3f, 4f)));
  }

  @Test
  void gzip() {
    isRight(stub.withCompression("gzip").modelInfer(raw(1, 2, 3, 4)));
    isRight(stub.withCompression("gzip").modelInfer(typed("linear", 1f, 2f, 3f, 4f)));
  }

  @Test
  void aDeadlineAndAnErrorHaveTheirStatus() {
    assertThat(
            failure(
                () ->
                    stub.withDeadlineAfter(300, TimeUnit.MILLISECONDS)
                        .modelInfer(typed("slow", 1e8f, 0f, 0f, 0f))))
        .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(failure(() -> stub.modelInfer(raw(1)))).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure(() -> stub.modelInfer(typed("no-such", 1f, 2f, 3f, 4f))))
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  private static Status.Code failure(Runnable call) {
    var failed = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(failed).as("a failed call").isNotNull();
    return failed.getStatus().getCode();
  }
}
