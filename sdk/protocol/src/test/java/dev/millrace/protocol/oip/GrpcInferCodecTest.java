package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.InferParameter;
import dev.millrace.protocol.grpc.InferTensorContents;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferRequest.InferInputTensor;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcInferCodecTest {
  private static InferInputTensor.Builder input(String datatype, long... shape) {
    var input = InferInputTensor.newBuilder().setName("x").setDatatype(datatype);
    for (long dimension : shape) {
      input.addShape(dimension);
    }
    return input;
  }

  private static ModelInferRequest.Builder request(InferInputTensor.Builder... inputs) {
    var request = ModelInferRequest.newBuilder().setModelName("m");
    for (InferInputTensor.Builder input : inputs) {
      request.addInputs(input);
    }
    return request;
  }

  private static String refusal(ModelInferRequest.Builder request) {
    MillraceException refused =
        catchThrowableOfType(
            MillraceException.class, () -> GrpcInferCodec.decodeRequest(request.build()));
    assertThat(refused).as("a refusal").isNotNull();
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    return refused.message();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rawContentsAreSlicesOfTheMessage(boolean direct) {
    Tensor x = Tensors.float32("x", new float[] {1, 2}, 2);
    InferRequest sent = new InferRequest("m", "", "", Map.of(), List.of(x), List.of());
    byte[] wire = GrpcInferCodec.encodeRequest(sent, GrpcEncoding.RAW).toByteArray();
    ByteBuffer message =
        direct ? ByteBuffer.allocateDirect(wire.length) : ByteBuffer.allocate(wire.length);
    message.put(wire).flip();
    Tensor got = GrpcInferCodec.decodeRequest(GrpcInferCodec.parse(message)).inputs().get(0);
    assertThat(Tensors.floatArray(got)).containsExactly(1, 2);
    for (int i = 0; i < wire.length; i++) {
      message.put(i, (byte) 0);
    }
    assertThat(Tensors.floatArray(got)).as("a view, not a copy").containsExactly(0, 0);
  }

  @Test
  void refusesRawContentsThatDoNotMatchTheInputs() {
    ByteString eight = ByteString.copyFrom(new byte[8]);
    assertThat(refusal(request(input("FP32", 3)).addRawInputContents(eight)))
        .isEqualTo("input 'x': 8 bytes came, but FP32[3] needs 12");
    assertThat(
            refusal(
                request(input("FP32", 2)).addRawInputContents(eight).addRawInputContents(eight)))
        .isEqualTo("raw_input_contents has 2 entries for 1 inputs; expected one for each");
    var typed = input("FP32", 2).setContents(InferTensorContents.newBuilder().addFp32Contents(1));
    assertThat(refusal(request(typed).addRawInputContents(eight)))
        .contains("input 'x'")
        .contains("'contents' although raw contents are present");
    assertThat(refusal(request(input("BYTES", 1)).addRawInputContents(eight)))
        .contains("input 'x': data has 2 elements");
  }

  @Test
  void refusesTypedContentsThatDoNotMatch() {
    var ints = InferTensorContents.newBuilder().addIntContents(1).addIntContents(300);
    assertThat(refusal(request(input("INT8", 2).setContents(ints))))
        .isEqualTo("input 'x', element 1: 300 is out of range for INT8");
    assertThat(refusal(request(input("INT16", 3).setContents(ints))))
        .isEqualTo("input 'x': data has 2 elements, but shape [3] needs 3");
    assertThat(refusal(request(input("INT64", 2).setContents(ints))))
        .contains("2 elements in a list that is not INT64's");
    var unsigned = InferTensorContents.newBuilder().addUintContents(-1);
    assertThat(refusal(request(input("UINT16", 1).setContents(unsigned))))
        .contains("4294967295 is out of range for UINT16");
    assertThat(refusal(request(input("FP16", 1)))).contains("FP16 has no typed contents");
    assertThat(refusal(request(input("FP32", 2))))
        .contains("data has 0 elements, but shape [2] needs 2");
  }

  @Test
  void namesWhatIsMissing() {
    assertThat(refusal(request())).contains("'inputs' is empty");
    assertThat(refusal(request(input("", 1)))).isEqualTo("input 'x': 'datatype' is missing");
    assertThat(refusal(request(input("FP32", 1).clearName())))
        .isEqualTo("inputs[0]: 'name' is missing");
    assertThat(refusal(request(input("FLOAT", 1)))).contains("unknown datatype 'FLOAT'");
    assertThat(refusal(request(input("FP32", -1)))).contains("negative dimension");
    assertThat(refusal(request(input("FP32", 1L << 40, 1L << 40))))
        .contains("more elements than can be counted");
    assertThat(refusal(request(input("FP32", 0), input("FP32", 0)))).contains("given twice");
    assertThat(
            refusal(
                request(input("FP32", 0)).putParameters("p", InferParameter.newBuilder().build())))
        .contains("parameter 'p' has no value");
    assertThat(
            refusal(
                request(input("FP32", 0))
                    .putParameters("p", InferParameter.newBuilder().setUint64Param(-1).build())))
        .contains("parameter 'p': 18446744073709551615 is above");
    assertThat(
            refusal(
                request(input("FP32", 0))
                    .addOutputs(ModelInferRequest.InferRequestedOutputTensor.newBuilder())))
        .contains("outputs[0]: 'name' is missing");
  }

  @Test
  void refusesMessagesThatAreNoProtobuf() {
    byte[] wire = request(input("FP32", 1)).build().toByteArray();
    for (byte[] bad :
        List.of(
            java.util.Arrays.copyOf(wire, wire.length - 1),
            new byte[] {(byte) 0xFF},
            new byte[] {0x0C})) {
      MillraceException refused =
          catchThrowableOfType(
              MillraceException.class, () -> GrpcInferCodec.parse(ByteBuffer.wrap(bad)));
      assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(refused.message()).startsWith("malformed ModelInferRequest: ");
    }
  }

  @Test
  void readsTypedAnswersOfOtherServers() {
    var output =
        ModelInferResponse.InferOutputTensor.newBuilder()
            .setName("y")
            .setDatatype("FP32")
            .addShape(2)
            .setContents(InferTensorContents.newBuilder().addFp32Contents(1).addFp32Contents(2));
    InferResponse got =
        GrpcInferCodec.decodeResponse(ModelInferResponse.newBuilder().addOutputs(output).build());
    assertThat(Tensors.floatArray(got.outputs().get(0))).containsExactly(1, 2);
    output.setDatatype("INT8");
    MillraceException refused =
        catchThrowableOfType(
            MillraceException.class,
            () ->
                GrpcInferCodec.decodeResponse(
                    ModelInferResponse.newBuilder().addOutputs(output).build()));
    assertThat(refused.code()).isEqualTo(ErrorCode.INTERNAL);
  }
}
