package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.http.MillraceHeaders;
import dev.millrace.protocol.oip.EncodedBody;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Core REST: health, metadata, inference in every form, credentials. */
public interface OipRestContract {
  /** The row {@code 1,2,3,4}, whose answer is {@code 30,61,92}. */
  String ROW =
      "{\"id\":\"call-7\",\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\","
          + "\"data\":[1,2,3,4]}]}";

  /** Where the server is. */
  OipTarget target();

  private OipHttp http() {
    return new OipHttp(target());
  }

  private static List<Double> values(JsonNode answer) {
    var values = new ArrayList<Double>();
    answer.path("outputs").path(0).path("data").forEach(value -> values.add(value.asDouble()));
    return values;
  }

  @Test
  default void restLiveAndReadyAreAnonymous() {
    var anonymous = new OipHttp(target(), null);
    assertThat(anonymous.get("/v2/health/live").ok().path("live").asBoolean()).isTrue();
    assertThat(anonymous.get("/v2/health/ready").ok().path("ready").asBoolean()).isTrue();
  }

  @Test
  default void restServerMetadataListsExtensions() {
    JsonNode metadata = http().get("/v2").ok();
    assertThat(metadata.path("name").asText()).isNotEmpty();
    assertThat(metadata.path("version").asText()).isNotEmpty();
    var extensions = new ArrayList<String>();
    metadata.path("extensions").forEach(each -> extensions.add(each.asText()));
    assertThat(extensions).contains("binary_tensor_data", "model_configuration");
    assertThat(extensions).doesNotContain("system_shared_memory", "cuda_shared_memory");
  }

  @Test
  default void restModelMetadataShowsTheSignature() {
    JsonNode metadata = http().get(target().model("")).ok();
    assertThat(metadata.path("name").asText()).isEqualTo(target().endpoint());
    assertThat(metadata.path("platform").asText()).isNotEmpty();
    assertThat(metadata.path("versions").isArray()).isTrue();
    assertThat(metadata.path("inputs").toString())
        .isEqualTo("[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,4]}]");
    assertThat(metadata.path("outputs").toString())
        .isEqualTo("[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1,3]}]");
  }

  @Test
  default void restModelReady() {
    JsonNode ready = http().get(target().model("/ready")).ok();
    assertThat(ready.path("name").asText()).isEqualTo(target().endpoint());
    assertThat(ready.path("ready").asBoolean()).isTrue();
  }

  @Test
  default void restModelConfig() {
    JsonNode config = http().get(target().model("/config")).ok();
    assertThat(config.path("name").asText()).isEqualTo(target().endpoint());
    assertThat(config.path("input").path(0).path("name").asText()).isEqualTo("x");
    assertThat(config.path("input").path(0).path("data_type").asText()).isEqualTo("TYPE_FP32");
    assertThat(config.path("output").path(0).path("name").asText()).isEqualTo("y");
  }

  @Test
  default void restInferFlatJson() {
    OipHttp.Answer answer = http().infer(ROW);
    JsonNode body = answer.ok();
    assertThat(body.path("model_name").asText()).isEqualTo(target().endpoint());
    assertThat(body.path("model_version").asText()).matches("[0-9]+");
    assertThat(body.path("id").asText()).isEqualTo("call-7");
    assertThat(body.path("outputs")).hasSize(1);
    assertThat(body.path("outputs").path(0).path("name").asText()).isEqualTo("y");
    assertThat(body.path("outputs").path(0).path("datatype").asText()).isEqualTo("FP32");
    assertThat(body.path("outputs").path(0).path("shape").toString()).isEqualTo("[1,3]");
    assertThat(values(body)).containsExactly(30.0, 61.0, 92.0);
    assertThat(answer.headers().firstValue(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH))
        .isEmpty();
    assertThat(answer.header(MillraceHeaders.REQUEST_ID)).isNotEmpty();
  }

  @Test
  default void restInferNestedJson() {
    JsonNode body =
        http()
            .infer(ROW.replace("[1,4]", "[2,4]").replace("[1,2,3,4]", "[[1,2,3,4],[0,0,0,1]]"))
            .ok();
    assertThat(body.path("outputs").path(0).path("shape").toString()).isEqualTo("[2,3]");
    assertThat(values(body)).containsExactly(30.0, 61.0, 92.0, 4.0, 9.0, 14.0);
  }

  @Test
  default void restInferIgnoresTheContentType() {
    byte[] body = ROW.getBytes(StandardCharsets.UTF_8);
    var form = Map.of("Content-Type", "application/x-www-form-urlencoded");
    http().send("POST", target().model("/infer"), body, form).ok();
  }

  @Test
  default void restInferCarriesNonNumbers() {
    OipHttp.Answer answer = http().infer(ROW.replace("[1,2,3,4]", "[NaN,2,3,4]"));
    assertThat(values(answer.ok())).containsOnly(Double.NaN).hasSize(3);
    assertThat(answer.text()).contains("NaN").doesNotContain("\"NaN\"");
  }

  @Test
  default void restInferBinaryBothWays() {
    var x = Tensors.float32("x", new float[] {1, 2, 3, 4, 0, 0, 0, 1}, 2, 4);
    var request = new InferRequest("", "", "b", Map.of(), List.of(x), List.of());
    EncodedBody body = HttpInferCodec.encodeRequest(request, TensorEncoding.BINARY);
    OipHttp.Answer answer = sendBinary(body.joined(), Integer.toString(body.jsonLength()));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/octet-stream");
    int length = Integer.parseInt(answer.header(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH));
    InferResponse got = HttpInferCodec.decodeResponse(ByteBuffer.wrap(answer.body()), length);
    assertThat(got.id()).isEqualTo("b");
    assertThat(got.outputs().get(0).shape()).containsExactly(2, 3);
    assertThat(Tensors.floatArray(got.outputs().get(0)))
        .containsExactly(new float[] {30, 61, 92, 4, 9, 14}, within(0f));
  }

  private OipHttp.Answer sendBinary(ByteBuffer body, String header) {
    var bytes = new byte[body.remaining()];
    body.get(bytes);
    return http()
        .send(
            "POST",
            target().model("/infer"),
            bytes,
            Map.of(
                "Content-Type",
                "application/octet-stream",
                MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH,
                header));
  }

  @Test
  default void restInferNamedOutputAsBinaryFromJson() {
    String asked =
        ROW.substring(0, ROW.length() - 1)
            + ",\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":true}}]}";
    OipHttp.Answer answer = http().infer(asked);
    assertThat(answer.header("Content-Type")).isEqualTo("application/octet-stream");
    int length = Integer.parseInt(answer.header(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH));
    InferResponse got = HttpInferCodec.decodeResponse(ByteBuffer.wrap(answer.body()), length);
    assertThat(Tensors.floatArray(got.outputs().get(0))).containsExactly(30, 61, 92);
  }

  @Test
  default void restVersionsAreAddressable() {
    String version = http().infer(ROW).ok().path("model_version").asText();
    JsonNode body = http().post(target().model("/versions/" + version + "/infer"), ROW).ok();
    assertThat(body.path("model_version").asText()).isEqualTo(version);
    http().get(target().model("/versions/" + version)).ok();
    http().get(target().model("/versions/" + version + "/ready")).ok();
    http().post(target().model("/versions/999999/infer"), ROW).error(ErrorCode.NOT_FOUND);
  }

  @Test
  default void restUnknownModelIsNotFound() {
    String missing = "/v2/models/no-such-model";
    assertThat(http().post(missing + "/infer", ROW).error(ErrorCode.NOT_FOUND))
        .contains("no-such-model");
    http().get(missing).error(ErrorCode.NOT_FOUND);
    http().get(missing + "/ready").error(ErrorCode.NOT_FOUND);
  }

  @Test
  default void restUnknownPathIsNotFound() {
    http().get("/v2/nonsense").error(ErrorCode.NOT_FOUND);
    http().get(target().model("/nonsense")).error(ErrorCode.NOT_FOUND);
  }

  @Test
  default void restWrongVerbNamesTheRightOne() {
    OipHttp.Answer answer = http().get(target().model("/infer"));
    answer.error(ErrorCode.METHOD_NOT_ALLOWED);
    assertThat(answer.header("Allow")).contains("POST");
    OipHttp.Answer metadata = http().post("/v2", "{}");
    metadata.error(ErrorCode.METHOD_NOT_ALLOWED);
    assertThat(metadata.header("Allow")).contains("GET");
  }

  @Test
  default void restNoKeyOrAWrongOneIsUnauthenticated() {
    assumeTrue(target().apiKey() != null, "the server asks for no key");
    for (var caller : List.of(new OipHttp(target(), null), new OipHttp(target(), "wrong-key"))) {
      OipHttp.Answer answer = caller.infer(ROW);
      answer.error(ErrorCode.UNAUTHENTICATED);
      assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
      caller.get(target().model("")).error(ErrorCode.UNAUTHENTICATED);
      caller.get("/v2/models/no-such-model").error(ErrorCode.UNAUTHENTICATED);
    }
  }
}
