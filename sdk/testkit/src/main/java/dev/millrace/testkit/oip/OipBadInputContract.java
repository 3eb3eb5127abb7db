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
    for (String beyond :
        List.of("3.4028236e38", "-1e39", "1e999999999", "1e99999999999999999999")) {
      assertThat(refused("[1,2,3,4]", "[1,2," + beyond + ",4]")).contains("x").contains(beyond);
    }
    for (String token : List.of("nan", "0x10", "01", "1.", ".5", "+1", "--1", "null", "true")) {
      assertThat(refused("[1,2,3,4]", "[1,2," + token + ",4]")).as(token).isNotEmpty();
    }
    assertThat(refused("[1,2,3,4]", "[1,2,0." + "1".repeat(5_000) + ",4]")).contains("1000");
  }

  @Test
  default void restRefusesAnInputTwiceAndOneThatIsMissing() {
    String input = "{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}";
    assertThat(refused("{\"inputs\":[" + input + "," + input + "]}")).contains("x");
    refused("{\"inputs\":[]}");
    refused("{\"inputs\":null}");
    assertThat(refused(",\"data\":[1,2,3,4]", "")).contains("x").contains("data");
    assertThat(refused("\"shape\":[1,4],", "")).contains("x").contains("shape");
    assertThat(refused("\"datatype\":\"FP32\",", "")).contains("x").contains("datatype");
  }

  @Test
  default void restRefusesKeysTwiceInOneObject() {
    assertThat(refused("\"name\":\"x\"", "\"name\":\"z\",\"name\":\"x\"")).contains("name");
    assertThat(refused("{\"id\"", "{\"inputs\":[],\"id\"")).contains("inputs");
  }

  @Test
  default void restRefusesDeepNestingWithoutHarm() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertThat(refused("[1,2,3,4]", deep)).contains("x");
    assertThat(refused("{\"id\"", "{\"extra\":" + deep + ",\"id\""))
        .contains("128")
        .doesNotContain("StreamReadConstraints");
    refused("{\"a\":".repeat(50_000));
  }

  @Test
  default void restRefusesWhatIsNotUtf8() {
    byte[] row = OipRestContract.ROW.getBytes(StandardCharsets.UTF_8);
    byte[] broken = row.clone();
    broken[OipRestContract.ROW.indexOf("\"x\"") + 1] = (byte) 0xFF;
    for (byte[] body :
        List.of(broken, OipRestContract.ROW.getBytes(StandardCharsets.UTF_16), new byte[] {0, 1})) {
      new OipHttp(target())
          .send("POST", target().model("/infer"), body, Map.of())
          .error(ErrorCode.INVALID_ARGUMENT);
    }
  }

  @Test
  default void restAnswersDoNotGrowWithWhatTheCallerSent() {
    String name = "n".repeat(200_000);
    assertThat(refused("\"x\"", "\"" + name + "\"")).contains("nnn").hasSizeLessThan(2_000);
    assertThat(refused("FP32", name)).hasSizeLessThan(2_000);
    String body = OipRestContract.ROW;
    assertThat(
            refused(
                body.substring(0, body.length() - 1)
                    + ",\"outputs\":[{\"name\":\""
                    + name
                    + "\"}]}"))
        .hasSizeLessThan(2_000);
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

  @Test
  default void restRefusesBinarySizesThatDoNotFit() {
    for (String size :
        List.of("15", "17", "0", "-1", "12", "16.0", "\"16\"", "true", "9223372036854775807")) {
      String json =
          "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\","
              + "\"parameters\":{\"binary_data_size\":"
              + size
              + "}}]}";
      binary(
          (json + "0123456789abcdef").getBytes(StandardCharsets.UTF_8),
          Integer.toString(json.length()));
    }
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

  @Test
  default void restRefusesABodyOverTheLimitThatWasNotAnnounced() {
    new OipHttp(target())
        .sendChunked(target().model("/infer"), target().maxBodyBytes() + 1)
        .error(ErrorCode.PAYLOAD_TOO_LARGE);
    new OipHttp(target()).infer(OipRestContract.ROW).ok();
  }
}
