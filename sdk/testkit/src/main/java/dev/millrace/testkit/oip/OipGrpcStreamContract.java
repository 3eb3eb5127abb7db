package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.InferParameter;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelStreamInferResponse;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.onnx.TinyModels;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code ModelStreamInfer}: order, errors of single messages, limits, the end of a stream. */
public interface OipGrpcStreamContract {
  /** Where the server is. */
  OipTarget target();

  private OipStream stream() {
    return OipStream.open(OipGrpc.async(target(), target().apiKey()));
  }

  private ModelInferRequest row(String id, float... values) {
    return GrpcInferCodec.encodeRequest(
        new InferRequest(
            target().endpoint(),
            "",
            id,
            Map.of(),
            List.of(Tensors.float32("x", values, 1, values.length)),
            List.of()),
        GrpcEncoding.RAW);
  }

  private static float[] values(ModelInferResponse response) {
    return Tensors.floatArray(GrpcInferCodec.decodeResponse(response).outputs().get(0));
  }

  @Test
  default void streamAnswersInTheOrderOfTheMessages() {
    OipStream stream = stream();
    int count = 200;
    for (int i = 0; i < count; i++) {
      stream.send(row("m" + i, i, 1, 2, 3));
    }
    List<ModelStreamInferResponse> answers = stream.finish();
    assertThat(answers).allMatch(answer -> answer.getErrorMessage().isEmpty());
    assertThat(answers.stream().map(answer -> answer.getInferResponse().getId()))
        .isEqualTo(IntStream.range(0, count).mapToObj(i -> "m" + i).toList());
    for (int i = 0; i < count; i++) {
      assertThat(values(answers.get(i).getInferResponse()))
          .containsExactly(TinyModels.linearRow(new float[] {i, 1, 2, 3}, 3));
    }
  }

  @Test
  default void streamGoesOnAfterAMessageThatFails() {
    List<ModelStreamInferResponse> answers =
        stream()
            .send(row("a", 1, 2, 3, 4))
            .send(row("b", 1, 2))
            .send(row("c", 1, 2, 3, 4))
            .finish();
    assertThat(answers).hasSize(3);
    assertThat(answers.get(0).getErrorMessage()).isEmpty();
    assertThat(answers.get(1).getErrorMessage()).contains("'x'").contains("4");
    assertThat(answers.get(1).getInferResponse().getId()).isEqualTo("b");
    assertThat(answers.get(1).getInferResponse().getOutputsCount()).isZero();
    assertThat(values(answers.get(2).getInferResponse())).containsExactly(30, 61, 92);
  }

  @Test
  default void streamEndsWithAStatusWhereTheCallerWantsThat() {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER), "true");
    OipStream stream =
        OipStream.open(
            OipGrpc.async(target(), target().apiKey())
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers)));
    stream.send(row("a", 1, 2, 3, 4)).send(row("b", 1, 2));
    assertThat(OipGrpc.refused(ErrorCode.INVALID_ARGUMENT, stream::awaitEnd)).contains("'x'");
  }

  @Test
  default void streamServesTheModelOfItsFirstMessage() {
    ModelInferRequest other =
        row("b", 1, 2, 3, 4).toBuilder().setModelName("no-such-model").build();
    ModelInferRequest version = row("c", 1, 2, 3, 4).toBuilder().setModelVersion("999").build();
    List<ModelStreamInferResponse> answers =
        stream().send(row("a", 1, 2, 3, 4)).send(other).send(version).finish();
    assertThat(answers.get(0).getErrorMessage()).isEmpty();
    assertThat(answers.get(1).getErrorMessage()).contains("no-such-model", target().endpoint());
    assertThat(answers.get(2).getErrorMessage()).contains("999");
  }

  @Test
  default void streamWithoutAMessageEndsWell() {
    assertThat(stream().finish()).isEmpty();
  }

  @Test
  default void streamThatIsCancelledLeavesTheOthersOfItsConnectionAlone() {
    OipStream other = stream().send(row("other", 1, 2, 3, 4)).awaitAnswers(1);
    for (int i = 0; i < 5; i++) {
      stream().send(row("a", 1, 2, 3, 4)).awaitAnswers(1).cancel();
      stream().cancel();
    }
    // They share its connection: had that ended, this one could not go on.
    assertThat(stream().send(row("b", 1, 2, 3, 4)).finish()).hasSize(1);
    assertThat(other.send(row("other", 4, 3, 2, 1)).finish()).hasSize(2);
  }

  @Test
  default void streamTellsWhichAnswerIsTheLast() {
    var wanted = InferParameter.newBuilder().setBoolParam(true).build();
    ModelInferRequest request =
        row("a", 1, 2, 3, 4).toBuilder()
            .putParameters("triton_enable_empty_final_response", wanted)
            .build();
    ModelInferResponse answer = stream().send(request).finish().get(0).getInferResponse();
    assertThat(answer.getParametersOrThrow("triton_final_response").getBoolParam()).isTrue();
    assertThat(values(answer)).containsExactly(30, 61, 92);
  }

  @Test
  default void streamTakesLargeAndCompressedMessages() {
    var values = new float[4 * 50_000];
    ModelInferRequest large =
        GrpcInferCodec.encodeRequest(
            new InferRequest(
                target().endpoint(),
                "",
                "large",
                Map.of(),
                List.of(Tensors.float32("x", values, 50_000, 4)),
                List.of()),
            GrpcEncoding.RAW);
    OipStream stream =
        OipStream.open(OipGrpc.async(target(), target().apiKey()).withCompression("gzip"));
    for (int i = 0; i < 3; i++) {
      stream.send(large).send(row("small", 1, 2, 3, 4));
    }
    List<ModelStreamInferResponse> answers = stream.finish();
    assertThat(answers).hasSize(6).allMatch(answer -> answer.getErrorMessage().isEmpty());
    assertThat(answers.get(4).getInferResponse().getRawOutputContents(0).size())
        .isEqualTo(50_000 * 3 * Float.BYTES);
  }

  @Test
  default void streamRefusesAMessageOverTheLimit() {
    ByteString bytes = ByteString.copyFrom(new byte[Math.toIntExact(target().maxBodyBytes()) + 1]);
    ModelInferRequest huge = row("b", 1, 2, 3, 4).toBuilder().setRawInputContents(0, bytes).build();
    OipStream stream = stream().send(row("a", 1, 2, 3, 4)).send(huge);
    StatusRuntimeException failure =
        catchThrowableOfType(StatusRuntimeException.class, stream::awaitEnd);
    assertThat(failure).as("a failed stream").isNotNull();
    // A server of gRPC-Java's own marshallers can only break the stream off.
    assertThat(failure.getStatus().getCode())
        .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
  }

  @Test
  default void streamToNobodyOrFromNobodyIsRefused() {
    ModelInferRequest unknown =
        row("a", 1, 2, 3, 4).toBuilder().setModelName("no-such-model").build();
    OipGrpc.refused(ErrorCode.NOT_FOUND, () -> stream().send(unknown).finish());
    assumeTrue(target().apiKey() != null, "the server asks for no key");
    OipGrpc.refused(
        ErrorCode.UNAUTHENTICATED,
        () -> OipStream.open(OipGrpc.async(target(), null)).send(row("a", 1, 2, 3, 4)).awaitEnd());
  }
}
