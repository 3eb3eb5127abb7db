package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.grpc.InferParameter;
import dev.millrace.protocol.grpc.InferTensorContents;
import dev.millrace.protocol.grpc.ModelConfigRequest;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferRequest.InferInputTensor;
import dev.millrace.protocol.grpc.ModelInferRequest.InferRequestedOutputTensor;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Triton's extensions: classification, raw requests and the configuration of models. */
public interface OipExtensionContract {
  /** Where the server is. */
  OipTarget target();

  private OipHttp.Answer classify(String parameters) {
    return new OipHttp(target())
        .infer(
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,4],\"datatype\":\"FP32\","
                + "\"data\":[1,2,3,4,-1,-2,-3,-4]}],"
                + "\"outputs\":[{\"name\":\"y\",\"parameters\":"
                + parameters
                + "}]}");
  }

  private ModelInferRequest request(InferParameter count) {
    var input =
        InferInputTensor.newBuilder()
            .setName("x")
            .setDatatype("FP32")
            .addAllShape(List.of(1L, 4L))
            .setContents(
                InferTensorContents.newBuilder().addAllFp32Contents(List.of(1f, 2f, 3f, 4f)));
    var output =
        InferRequestedOutputTensor.newBuilder().setName("y").putParameters("classification", count);
    return ModelInferRequest.newBuilder()
        .setModelName(target().endpoint())
        .addInputs(input)
        .addOutputs(output)
        .build();
  }

  @Test
  default void restClassificationGivesTheBestClassesOfEachRow() {
    JsonNode output = classify("{\"classification\":2}").ok().path("outputs").path(0);
    assertThat(output.path("datatype").asText()).isEqualTo("BYTES");
    assertThat(output.path("shape").toString()).isEqualTo("[2,2]");
    assertThat(output.path("data").toString())
        .isEqualTo("[\"92.0:2\",\"61.0:1\",\"-30.0:0\",\"-59.0:1\"]");
  }

  @Test
  default void restClassificationOfMoreThanThereAreGivesAll() {
    JsonNode output = classify("{\"classification\":99}").ok().path("outputs").path(0);
    assertThat(output.path("shape").toString()).isEqualTo("[2,3]");
  }

  @Test
  default void restClassificationAsBinaryData() {
    var answer = classify("{\"classification\":1,\"binary_data\":true}");
    assertThat(answer.status()).isEqualTo(200);
    int json = Integer.parseInt(answer.header("Inference-Header-Content-Length"));
    var decoded = HttpInferCodec.decodeResponse(ByteBuffer.wrap(answer.body()), json);
    assertThat(Tensors.strings(decoded.outputs().get(0))).containsExactly("92.0:2", "-30.0:0");
  }

  @Test
  default void restClassificationRefusesWhatIsNoCountAndNamesTheOutput() {
    for (String count : List.of("0", "-1", "\"3\"", "true", "1.5")) {
      assertThat(classify("{\"classification\":" + count + "}").error(ErrorCode.INVALID_ARGUMENT))
          .contains("'y'");
    }
  }

  @Test
  default void grpcClassification() {
    var count = InferParameter.newBuilder().setInt64Param(1).build();
    var answer = OipGrpc.stub(target()).modelInfer(request(count));
    assertThat(answer.getOutputs(0).getDatatype()).isEqualTo("BYTES");
    assertThat(answer.getOutputs(0).getShapeList()).containsExactly(1L, 1L);
    assertThat(answer.getRawOutputContents(0).substring(4).toStringUtf8()).isEqualTo("92.0:2");
  }

  @Test
  default void classificationInAStream() {
    var one = InferParameter.newBuilder().setInt64Param(1).build();
    var none = InferParameter.newBuilder().setInt64Param(0).build();
    var answers =
        OipStream.open(OipGrpc.async(target(), target().apiKey()))
            .send(request(one))
            .send(request(none))
            .finish();
    assertThat(answers).hasSize(2);
    var first = answers.get(0).getInferResponse();
    assertThat(first.getOutputs(0).getDatatype()).isEqualTo("BYTES");
    assertThat(first.getRawOutputContents(0).substring(4).toStringUtf8()).isEqualTo("92.0:2");
    assertThat(answers.get(1).getErrorMessage()).contains("'y'");
  }

  @Test
  default void grpcClassificationRefusesZero() {
    var none = InferParameter.newBuilder().setInt64Param(0).build();
    assertThat(
            OipGrpc.refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> {
                  OipGrpc.stub(target()).modelInfer(request(none));
                }))
        .contains("'y'");
  }

  private OipHttp.Answer raw(int bytes) {
    var row = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    row.asFloatBuffer().put(new float[] {1, 2, 3, 4});
    var header = Map.of(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH, "0");
    byte[] body = Arrays.copyOf(row.array(), bytes);
    return new OipHttp(target()).send("POST", target().model("/infer"), body, header);
  }

  @Test
  default void restRawBinaryRequestIsOneRow() {
    var answer = raw(16);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    int json = Integer.parseInt(answer.header(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH));
    var decoded = HttpInferCodec.decodeResponse(ByteBuffer.wrap(answer.body()), json);
    assertThat(Tensors.floatArray(decoded.outputs().get(0))).containsExactly(30, 61, 92);
    assertThat(raw(15).error(ErrorCode.INVALID_ARGUMENT)).contains("'x'", "15 bytes");
  }

  @Test
  default void grpcConfigHasWhatPerfAnalyzerReads() {
    var request = ModelConfigRequest.newBuilder().setName(target().endpoint()).build();
    var config = OipGrpc.stub(target()).modelConfig(request).getConfig();
    assertThat(config.getMaxBatchSize()).isPositive();
    assertThat(config.getInput(0).getDimsList()).containsExactly(4L);
    assertThat(config.getOutput(0).getDimsList()).containsExactly(3L);
    assertThat(config.getInstanceGroup(0).getCount()).isPositive();
    assertThat(config.hasDynamicBatching()).isTrue();
    assertThat(config.hasResponseCache()).isTrue();
    assertThat(config.getResponseCache().getEnable()).isFalse();
    assertThat(config.getParametersMap()).containsKey("digest");
  }

  @Test
  default void theExtensionsAreOffered() {
    assertThat(new OipHttp(target()).get("/v2").ok().path("extensions").toString())
        .contains("\"classification\"", "\"statistics\"");
  }
}
