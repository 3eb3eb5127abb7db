package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.http.MillraceHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What callers get wrong over REST: each is refused with a message that names the culprit. */
public interface OipBadInputContract {
  /** Where the server is. */
  OipTarget target();

  private String refused(String body) {
    return new OipHttp(target()).infer(body).error(ErrorCode.INVALID_ARGUMENT);
  }

  private String refused(String from, String to) {
    String body = OipRestContract.ROW.replace(from, to);
    assertThat(body).as("the request that is changed").isNotEqualTo(OipRestContract.ROW);
    return refused(body);
  }

  @Test
  default void restRefusesAWrongTensorName() {
    assertThat(refused("\"x\"", "\"wrong\"")).contains("wrong").contains("x");
  }

  @Test
  default void restRefusesAnInputTooMany() {
    assertThat(
            refused(
                "\"inputs\":[",
                "\"inputs\":[{\"name\":\"extra\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]},"))
        .contains("extra");
  }

  @Test
  default void restRefusesAWrongDatatype() {
    assertThat(refused("FP32", "INT64")).contains("x").contains("INT64").contains("FP32");
    assertThat(refused("FP32", "FLOAT")).contains("FLOAT");
  }

  @Test
  default void restRefusesAWrongRank() {
    assertThat(refused("[1,4]", "[4]")).contains("x").contains("4");
  }

  @Test
  default void restRefusesAWrongDimension() {
    assertThat(refused(OipRestContract.ROW.replace("[1,4]", "[1,5]").replace("3,4]", "3,4,5]")))
        .contains("x")
        .contains("5")
        .contains("4");
  }

  @Test
  default void restRefusesAWrongElementCount() {
    assertThat(refused("[1,2,3,4]", "[1,2,3]")).contains("x").contains("3").contains("4");
    assertThat(refused("[1,2,3,4]", "[[1,2],[3,4]]")).contains("x");
  }

  @Test
  default void restRefusesNegativeAndHugeShapes() {
    assertThat(refused("[1,4]", "[-1,4]")).contains("x");
    assertThat(refused("[1,4]", "[4611686018427387904,4]")).contains("x");
  }

  @Test
  default void restRefusesNumbersOutOfRange() {
    assertThat(refused("[1,2,3,4]", "[1,2,1e40,4]")).contains("x").contains("1e40");
    assertThat(refused("[1,2,3,4]", "[1,2,\"3\",4]")).contains("x").contains("2");
  }

  @Test
  default void restRefusesAnUnknownOutput() {
    String body = OipRestContract.ROW;
    assertThat(refused(body.substring(0, body.length() - 1) + ",\"outputs\":[{\"name\":\"zzz\"}]}"))
        .contains("zzz");
  }

  @Test
  default void restRefusesTruncatedJsonAndNamesThePlace() {
    for (int cut : List.of(1, 20, 60, OipRestContract.ROW.length() - 1)) {
      assertThat(refused(OipRestContract.ROW.substring(0, cut))).containsPattern("[0-9]+");
    }
    refused("");
    refused("[]");
    refused("{}");
  }

  @Test
  default void restRefusesHeaderLengthsThatLie() {
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\","
            + "\"parameters\":{\"binary_data_size\":16}}]}";
    byte[] body = (json + "0123456789abcdef").getBytes(StandardCharsets.UTF_8);
    int right = json.length();
    for (Object header :
        List.of(right - 1, right + 1, body.length, body.length + 1, -1, "x", 99999999999L)) {
      binary(body, header.toString());
    }
    binary(java.util.Arrays.copyOf(body, body.length - 1), Integer.toString(right));
    binary(java.util.Arrays.copyOf(body, body.length + 1), Integer.toString(right));
    binary(body, null);
    binary(
        new String(body, StandardCharsets.UTF_8)
            .replace(":16}", ":12}")
            .getBytes(StandardCharsets.UTF_8),
        Integer.toString(right));
  }

  private void binary(byte[] body, @org.jspecify.annotations.Nullable String header) {
    var headers = new HashMap<String, String>();
    headers.put("Content-Type", "application/octet-stream");
    if (header != null) {
      headers.put(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH, header);
    }
    new OipHttp(target())
        .send("POST", target().model("/infer"), body, headers)
        .error(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  default void restRefusesUnknownContentEncodings() {
    byte[] body = OipRestContract.ROW.getBytes(StandardCharsets.UTF_8);
    new OipHttp(target())
        .send("POST", target().model("/infer"), body, Map.of("Content-Encoding", "br"))
        .error(ErrorCode.UNSUPPORTED_MEDIA);
  }

  @Test
  default void restRefusesABodyOverTheLimit() {
    var body = new byte[Math.toIntExact(target().maxBodyBytes() + 1)];
    java.util.Arrays.fill(body, (byte) ' ');
    new OipHttp(target())
        .send("POST", target().model("/infer"), body, Map.of())
        .error(ErrorCode.PAYLOAD_TOO_LARGE);
    new OipHttp(target()).infer(OipRestContract.ROW).ok();
  }
}
