package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.InferParameter;
import dev.millrace.protocol.grpc.InferTensorContents;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferRequest.InferInputTensor;
import dev.millrace.protocol.grpc.ModelInferRequest.InferRequestedOutputTensor;
import dev.millrace.protocol.oip.GrpcInferCodec;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What callers get wrong over gRPC: each is refused with a message that names the culprit. */
public interface OipGrpcBadInputContract {
  /** Where the server is. */
  OipTarget target();

  /** The row {@code 1,2,3,4} as raw contents. */
  private ModelInferRequest.Builder row() {
    ByteBuffer raw = Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4).data();
    return ModelInferRequest.newBuilder()
        .setModelName(target().endpoint())
        .addInputs(input("x", "FP32", 1, 4))
        .addRawInputContents(UnsafeByteOperations.unsafeWrap(raw));
  }

  private static InferInputTensor.Builder input(String name, String datatype, long... shape) {
    var input = InferInputTensor.newBuilder().setName(name).setDatatype(datatype);
    Arrays.stream(shape).forEach(input::addShape);
    return input;
  }

  private String refused(ModelInferRequest.Builder request) {
    return OipGrpc.refused(
        ErrorCode.INVALID_ARGUMENT, () -> OipGrpc.stub(target()).modelInfer(request.build()));
  }

  /** The row as typed contents of another datatype, which the server reads before it compares. */
  private String refused(String datatype, InferTensorContents.Builder contents) {
    return refused(
        row()
            .clearRawInputContents()
            .setInputs(0, input("x", datatype, 1, 4).setContents(contents)));
  }

  private static InferTensorContents.Builder contents() {
    return InferTensorContents.newBuilder();
  }

  @Test
  default void grpcRefusesShapesThatCannotBe() {
    for (long[] shape :
        List.of(new long[] {-1, 4}, new long[] {1L << 62, 4}, new long[] {0, 4}, new long[0])) {
      assertThat(refused(row().setInputs(0, input("x", "FP32", shape)))).contains("x");
    }
    long[] manyAxes = Collections.nCopies(100, 1L).stream().mapToLong(one -> one).toArray();
    assertThat(refused(row().setInputs(0, input("x", "FP32", manyAxes)))).contains("x");
  }

  @Test
  default void grpcRefusesUnknownDatatypes() {
    assertThat(refused(row().setInputs(0, input("x", "FLOAT", 1, 4)))).contains("FLOAT");
    assertThat(refused(row().setInputs(0, input("x", "", 1, 4)))).contains("datatype");
    assertThat(refused(row().setInputs(0, input("", "FP32", 1, 4)))).contains("name");
  }

  @Test
  default void grpcRefusesRawContentsOfAnotherCountOrSize() {
    ByteString right = row().getRawInputContents(0);
    for (ByteString wrong :
        List.of(
            ByteString.EMPTY, right.substring(0, 15), right.concat(ByteString.copyFromUtf8("x")))) {
      assertThat(refused(row().setRawInputContents(0, wrong)))
          .contains("x")
          .contains(Integer.toString(wrong.size()))
          .contains("16");
    }
    assertThat(refused(row().addRawInputContents(right))).contains("2").contains("1");
  }

  @Test
  default void grpcRefusesTypedContentsOfAnotherCountOrList() {
    assertThat(refused("FP32", contents().addAllFp32Contents(List.of(1f, 2f, 3f, 4f, 5f))))
        .contains("x")
        .contains("5")
        .contains("4");
    assertThat(refused("FP32", contents().addAllFp64Contents(List.of(1d, 2d, 3d, 4d))))
        .contains("x");
    assertThat(refused("FP16", contents().addAllFp32Contents(List.of(1f, 2f, 3f, 4f))))
        .contains("x")
        .contains("FP16");
  }

  @Test
  default void grpcRefusesTypedNumbersOutOfTheirDatatypesRange() {
    for (int beyond : List.of(128, -129, 200)) {
      assertThat(refused("INT8", contents().addAllIntContents(List.of(1, 2, beyond, 4))))
          .contains("x")
          .contains("INT8")
          .contains(Integer.toString(beyond));
    }
    assertThat(refused("INT16", contents().addAllIntContents(List.of(1, 2, 32_768, 4))))
        .contains("INT16")
        .contains("32768");
    assertThat(refused("UINT8", contents().addAllUintContents(List.of(1, 2, 256, 4))))
        .contains("UINT8")
        .contains("256");
    assertThat(refused("UINT16", contents().addAllUintContents(List.of(1, 2, -1, 4))))
        .contains("UINT16")
        .contains("4294967295");
  }

  @Test
  default void grpcRefusesAnInputTwiceAndOutputsThatAreNot() {
    ModelInferRequest.Builder twice = row();
    assertThat(
            refused(
                twice
                    .addInputs(twice.getInputs(0))
                    .addRawInputContents(row().getRawInputContents(0))))
        .contains("x");
    assertThat(refused(row().addOutputs(InferRequestedOutputTensor.newBuilder().setName("zzz"))))
        .contains("zzz")
        .contains("y");
    refused(row().addOutputs(InferRequestedOutputTensor.getDefaultInstance()));
  }

  @Test
  default void grpcRefusesParametersWithoutAValue() {
    assertThat(refused(row().putParameters("empty", InferParameter.getDefaultInstance())))
        .contains("empty");
  }

  @Test
  default void grpcUnknownVersionsAreNotFound() {
    for (String version : List.of("999999", "no-such-alias", "-1", "99999999999999999999")) {
      assertThat(
              OipGrpc.refused(
                  ErrorCode.NOT_FOUND,
                  () -> OipGrpc.stub(target()).modelInfer(row().setModelVersion(version).build())))
          .contains(version);
    }
  }

  @Test
  default void grpcRefusalsFitIntoTrailersWhateverTheCallerSent() {
    for (String letter : List.of("n", "€", "\n")) {
      String name = letter.repeat(20_000);
      refused(row().setInputs(0, input(name, "FP32", 1, 4)));
      refused(row().setInputs(0, input("x", name, 1, 4)));
      refused(row().addOutputs(InferRequestedOutputTensor.newBuilder().setName(name)));
      OipGrpc.refused(
          ErrorCode.NOT_FOUND,
          () -> OipGrpc.stub(target()).modelInfer(row().setModelName(name).build()));
      OipGrpc.refused(
          ErrorCode.NOT_FOUND,
          () -> OipGrpc.stub(target()).modelInfer(row().setModelVersion(name).build()));
    }
  }

  @Test
  default void grpcRefusesMessagesCutAnywhereAndBytesThatAreNone() {
    byte[] message = row().build().toByteArray();
    for (int length = 1; length < message.length; length += 3) {
      refusedBytes(Arrays.copyOf(message, length));
    }
    byte[] noise = new byte[64];
    Arrays.fill(noise, (byte) 0xFF);
    refusedBytes(noise);
    // A name that is not UTF-8, and groups in groups in groups.
    refusedBytes(
        row()
            .setInputs(0, input("x", "FP32", 1, 4))
            .build()
            .toByteString()
            .concat(ByteString.copyFrom(new byte[] {0x2A, 0x03, 0x0A, 0x01, (byte) 0xFF}))
            .toByteArray());
    byte[] groups = new byte[5_000];
    Arrays.fill(groups, (byte) 0x7B);
    refusedBytes(row().build().toByteString().concat(ByteString.copyFrom(groups)).toByteArray());
    assertThat(
            Tensors.floatArray(
                GrpcInferCodec.decodeResponse(OipGrpc.stub(target()).modelInfer(row().build()))
                    .outputs()
                    .get(0)))
        .containsExactly(30, 61, 92);
  }

  private void refusedBytes(byte[] message) {
    OipGrpc.refused(
        ErrorCode.INVALID_ARGUMENT,
        () -> assertThat(OipGrpc.sendBytes(target(), message)).as("no answer").isNull());
  }
}
