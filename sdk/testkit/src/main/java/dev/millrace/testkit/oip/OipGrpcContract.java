package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.InferTensorContents;
import dev.millrace.protocol.grpc.ModelConfigRequest;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferRequest.InferInputTensor;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelMetadataRequest;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ServerLiveRequest;
import dev.millrace.protocol.grpc.ServerMetadataRequest;
import dev.millrace.protocol.grpc.ServerReadyRequest;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Core gRPC: health, metadata, inference with raw and typed contents, bad input, credentials. */
public interface OipGrpcContract {
  /** Where the server is. */
  OipTarget target();

  private ModelInferRequest request(GrpcEncoding encoding, Tensor... inputs) {
    return GrpcInferCodec.encodeRequest(
        new InferRequest(target().endpoint(), "", "g", Map.of(), List.of(inputs), List.of()),
        encoding);
  }

  private static Tensor row() {
    return Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4);
  }

  private ModelInferResponse infer(ModelInferRequest request) {
    return OipGrpc.stub(target()).modelInfer(request);
  }

  private String refused(ModelInferRequest request) {
    return OipGrpc.refused(ErrorCode.INVALID_ARGUMENT, () -> infer(request));
  }

  private static float[] values(ModelInferResponse response) {
    return Tensors.floatArray(GrpcInferCodec.decodeResponse(response).outputs().get(0));
  }

  @Test
  default void grpcLiveAndReadyAreAnonymous() {
    var anonymous = OipGrpc.stub(target(), null);
    assertThat(anonymous.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(anonymous.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
  }

  @Test
  default void grpcServerMetadataListsExtensions() {
    var metadata =
        OipGrpc.stub(target()).serverMetadata(ServerMetadataRequest.getDefaultInstance());
    assertThat(metadata.getName()).isNotEmpty();
    assertThat(metadata.getExtensionsList()).contains("binary_tensor_data");
  }

  @Test
  default void grpcModelMetadataShowsTheSignature() {
    var metadata =
        OipGrpc.stub(target())
            .modelMetadata(ModelMetadataRequest.newBuilder().setName(target().endpoint()).build());
    assertThat(metadata.getName()).isEqualTo(target().endpoint());
    assertThat(metadata.getInputsList()).hasSize(1);
    assertThat(metadata.getInputs(0).getName()).isEqualTo("x");
    assertThat(metadata.getInputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L, 4L);
    assertThat(metadata.getOutputs(0).getShapeList()).containsExactly(-1L, 3L);
  }

  @Test
  default void grpcModelReadyAndConfig() {
    var stub = OipGrpc.stub(target());
    assertThat(
            stub.modelReady(ModelReadyRequest.newBuilder().setName(target().endpoint()).build())
                .getReady())
        .isTrue();
    var config =
        stub.modelConfig(ModelConfigRequest.newBuilder().setName(target().endpoint()).build())
            .getConfig();
    assertThat(config.getName()).isEqualTo(target().endpoint());
    assertThat(config.getInput(0).getName()).isEqualTo("x");
    assertThat(config.getInput(0).getDimsList())
        .as("dims leave the batch axis out when the model batches")
        .isEqualTo(config.getMaxBatchSize() > 0 ? List.of(4L) : List.of(-1L, 4L));
  }

  @Test
  default void grpcInferRawAndTyped() {
    for (GrpcEncoding encoding : GrpcEncoding.values()) {
      ModelInferResponse response = infer(request(encoding, row()));
      assertThat(response.getModelName()).isEqualTo(target().endpoint());
      assertThat(response.getModelVersion()).matches("[0-9]+");
      assertThat(response.getId()).isEqualTo("g");
      assertThat(response.getOutputs(0).getName()).isEqualTo("y");
      assertThat(response.getOutputs(0).getShapeList()).containsExactly(1L, 3L);
      assertThat(response.getRawOutputContentsCount()).isEqualTo(1);
      assertThat(values(response)).containsExactly(30, 61, 92);
    }
  }

  @Test
  default void grpcVersionsAreAddressable() {
    ModelInferRequest row = request(GrpcEncoding.RAW, row());
    String version = infer(row).getModelVersion();
    ModelInferRequest pinned = row.toBuilder().setModelVersion(version).build();
    assertThat(infer(pinned).getModelVersion()).isEqualTo(version);
    ModelInferRequest missing = row.toBuilder().setModelVersion("999999").build();
    OipGrpc.refused(ErrorCode.NOT_FOUND, () -> infer(missing));
  }

  @Test
  default void grpcUnknownModelIsNotFound() {
    ModelInferRequest unknown =
        request(GrpcEncoding.RAW, row()).toBuilder().setModelName("no-such-model").build();
    assertThat(OipGrpc.refused(ErrorCode.NOT_FOUND, () -> infer(unknown)))
        .contains("no-such-model");
    OipGrpc.refused(
        ErrorCode.NOT_FOUND,
        () ->
            OipGrpc.stub(target())
                .modelMetadata(ModelMetadataRequest.newBuilder().setName("no-such-model").build()));
  }

  @Test
  default void grpcRefusesTensorsThatDoNotFitTheSignature() {
    assertThat(refused(request(GrpcEncoding.RAW, row().renamed("wrong")))).contains("wrong");
    assertThat(refused(request(GrpcEncoding.RAW, Tensors.int64("x", new long[4], 1, 4))))
        .contains("x")
        .contains("INT64")
        .contains("FP32");
    assertThat(refused(request(GrpcEncoding.RAW, Tensors.float32("x", new float[4], 4))))
        .contains("x");
    assertThat(refused(request(GrpcEncoding.RAW, Tensors.float32("x", new float[5], 1, 5))))
        .contains("x")
        .contains("5");
  }

  @Test
  default void grpcRefusesContentsThatDoNotFitTheShape() {
    ModelInferRequest raw = request(GrpcEncoding.RAW, row());
    assertThat(
            refused(
                raw.toBuilder().setRawInputContents(0, ByteString.copyFrom(new byte[12])).build()))
        .contains("x")
        .contains("12")
        .contains("16");
    refused(raw.toBuilder().addRawInputContents(ByteString.EMPTY).build());
    refused(raw.toBuilder().clearRawInputContents().build());
    refused(raw.toBuilder().clearInputs().build());
    ModelInferRequest typed = request(GrpcEncoding.TYPED, row());
    refused(typed.toBuilder().addRawInputContents(raw.getRawInputContents(0)).build());
    assertThat(refused(with(typed, InferTensorContents.newBuilder().addFp32Contents(1))))
        .contains("x");
    refused(
        with(typed, InferTensorContents.newBuilder().addAllInt64Contents(List.of(1L, 2L, 3L, 4L))));
  }

  private static ModelInferRequest with(
      ModelInferRequest request, InferTensorContents.Builder contents) {
    InferInputTensor.Builder input = request.getInputs(0).toBuilder().setContents(contents);
    return request.toBuilder().setInputs(0, input).build();
  }

  @Test
  default void grpcRefusesNumbersOutOfTheDatatypesRange() {
    ModelInferRequest typed = request(GrpcEncoding.TYPED, Tensors.int8("x", new byte[4], 1, 4));
    var tooBig = InferTensorContents.newBuilder().addAllIntContents(List.of(1, 2, 300, 4));
    assertThat(refused(with(typed, tooBig))).contains("x").contains("INT8");
  }

  @Test
  default void grpcRefusesMalformedMessages() {
    byte[] message = request(GrpcEncoding.RAW, row()).toByteArray();
    byte[] truncated = Arrays.copyOf(message, message.length - 3);
    OipGrpc.refused(
        ErrorCode.INVALID_ARGUMENT,
        () -> assertThat(OipGrpc.sendBytes(target(), truncated)).as("no answer").isNull());
  }

  @Test
  default void grpcUnknownMethodsAreUnimplemented() {
    for (String method : List.of("inference.GRPCInferenceService/Nothing", "no.Such/Service")) {
      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class, () -> OipGrpc.sendBytes(target(), method, new byte[0]));
      assertThat(failure).as("a failed call").isNotNull();
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }
  }

  @Test
  default void grpcRefusesAMessageOverTheLimit() {
    int elements = Math.toIntExact(target().maxBodyBytes() / Float.BYTES);
    var huge = new Tensor[] {Tensors.float32("x", new float[elements], elements / 4, 4)};
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> infer(request(GrpcEncoding.RAW, huge)));
    assertThat(failure).as("a failed call").isNotNull();
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(values(infer(request(GrpcEncoding.RAW, row())))).containsExactly(30, 61, 92);
  }

  @Test
  default void grpcNoKeyOrAWrongOneIsUnauthenticated() {
    assumeTrue(target().apiKey() != null, "the server asks for no key");
    for (@Nullable String key : Arrays.asList(null, "wrong-key")) {
      OipGrpc.refused(
          ErrorCode.UNAUTHENTICATED,
          () -> OipGrpc.stub(target(), key).modelInfer(request(GrpcEncoding.RAW, row())));
    }
  }
}
