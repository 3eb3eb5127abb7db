package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpInferCodecTest {
  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static InferRequest decode(String json) {
    return HttpInferCodec.decodeRequest(utf8(json), -1);
  }

  private static String input(String datatype, String shape, String data) {
    return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"%s\",\"shape\":%s,\"data\":%s}]}"
        .formatted(datatype, shape, data);
  }

  private static String refusal(String json) {
    return refusal(utf8(json), -1);
  }

  private static String refusal(ByteBuffer body, int jsonLength) {
    MillraceException refused =
        catchThrowableOfType(
            MillraceException.class, () -> HttpInferCodec.decodeRequest(body, jsonLength));
    assertThat(refused).as("a refusal of this body").isNotNull();
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    return refused.message();
  }

  /** A body of one FP32 input with a blob. */
  private static ByteBuffer withBlob(String json, int blobBytes) {
    byte[] head = json.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(head.length + blobBytes).put(head).rewind();
  }

  private static String blobInput(String shape, String size) {
    return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":%s,\"parameters\":{\"binary_data_size\":%s}}]}"
        .formatted(shape, size);
  }

  @Test
  void readsFlatAndNestedData() {
    for (String data : List.of("[1,2,3,4,5,6]", "[[1,2,3],[4,5,6]]", " [ [1 , 2,3], [4,5,6]\n] ")) {
      Tensor x = decode(input("FP32", "[2,3]", data)).inputs().get(0);
      assertThat(x.shape()).containsExactly(2, 3);
      assertThat(Tensors.floatArray(x)).containsExactly(1, 2, 3, 4, 5, 6);
    }
  }

  @Test
  void readsDataThatComeBeforeDatatypeAndShape() {
    String json =
        "{\"id\":\"ü\",\"inputs\":[{\"data\":[[1,2],[3,4]],\"shape\":[2,2],\"name\":\"x\",\"datatype\":\"INT64\"}]}";
    ByteBuffer padded = ByteBuffer.allocateDirect(100 + json.length() + 1);
    padded.position(100);
    padded.put(json.getBytes(StandardCharsets.UTF_8)).position(100);
    for (ByteBuffer body : List.of(utf8(json), padded, utf8("  " + json).position(2).slice())) {
      assertThat(Tensors.longArray(HttpInferCodec.decodeRequest(body, -1).inputs().get(0)))
          .containsExactly(1, 2, 3, 4);
    }
    assertThat(refusal(json.replace("[3,4]", "[3,4.5]")))
        .isEqualTo("input 'x', element 3: 4.5 is not an integer, which INT64 needs");
  }

  @Test
  void readsScalarsEmptyTensorsAndBareNonNumbers() {
    assertThat(Tensors.floatArray(decode(input("FP32", "[]", "[5]")).inputs().get(0)))
        .containsExactly(5);
    assertThat(decode(input("FP32", "[0,4]", "[]")).inputs().get(0).byteSize()).isZero();
    assertThat(decode(input("FP32", "[2,0]", "[[],[]]")).inputs().get(0).byteSize()).isZero();
    assertThat(
            Tensors.floatArray(
                decode(input("FP32", "[3]", "[NaN,Infinity,-Infinity]")).inputs().get(0)))
        .containsExactly(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
    assertThat(decode(input("BOOL", "[4]", "[true,false,1,0]")).inputs().get(0).data())
        .isEqualTo(ByteBuffer.wrap(new byte[] {1, 0, 1, 0}));
  }

  @Test
  void readsParametersOutputsAndIgnoresUnknownFields() {
    InferRequest request =
        decode(
            "{\"future\":{\"a\":[1,{}]},\"id\":\"7\",\"parameters\":{\"s\":\"t\",\"l\":5,\"d\":0.5,\"b\":true},"
                + "\"inputs\":[{\"name\":\"x\",\"new\":[[]],\"shape\":[1],\"datatype\":\"INT8\",\"data\":[1]}],"
                + "\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":true}}]}");
    assertThat(request.id()).isEqualTo("7");
    assertThat(request.parameters()).isEqualTo(Map.of("s", "t", "l", 5L, "d", 0.5, "b", true));
    assertThat(request.outputs())
        .containsExactly(new RequestedOutput("y", Map.of("binary_data", true)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "INT8|300|300 is out of range for INT8",
        "INT8|-129|-129 is out of range for INT8",
        "UINT8|-1|-1 is out of range for UINT8",
        "UINT8|256|256 is out of range for UINT8",
        "INT16|40000|40000 is out of range",
        "UINT16|65536|65536 is out of range",
        "INT32|2147483648|2147483648 is out of range",
        "UINT32|4294967296|4294967296 is out of range",
        "INT64|9223372036854775808|9223372036854775808 is out of range",
        "UINT64|18446744073709551616|18446744073709551616 is out of range",
        "UINT64|-1|-1 is out of range",
        "FP32|1e40|1e40 is out of range for FP32",
        "FP32|-1e40|-1e40 is out of range for FP32",
        "FP64|1e400|1e400 is out of range for FP64",
        "INT64|1.5|1.5 is not an integer",
        "INT32|NaN|NaN is not an integer",
        "FP32|\"a\"|a is not a number",
        "FP32|null|null is not a number",
        "FP32|{\"a\":1}|{ is not a number",
        "BOOL|2|2 is out of range for BOOL",
        "BOOL|\"true\"|true is not true or false",
        "BYTES|5|5 is not a string",
      })
  void refusesValuesThatTheDatatypeCannotHold(String datatype, String value, String message) {
    assertThat(
            refusal(input(datatype, "[3]", "[0," + value + ",0]").replace("[0,", first(datatype))))
        .startsWith("input 'x', element 1: ")
        .contains(message);
  }

  private static String first(String datatype) {
    return datatype.equals("BYTES") ? "[\"\"," : "[0,";
  }

  @Test
  void acceptsTheEdgesOfUnsignedRanges() {
    assertThat(
            Tensors.longArray(
                decode(input("UINT64", "[2]", "[18446744073709551615,9223372036854775808]"))
                    .inputs()
                    .get(0)))
        .containsExactly(-1, Long.MIN_VALUE);
    assertThat(Tensors.ints(decode(input("UINT32", "[1]", "[4294967295]")).inputs().get(0)).get(0))
        .isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1,4]|[1,2,3]|data has 3 elements, but shape [1,4] needs 4",
        "[1,4]|[1,2,3,4,5]|data has 5 elements, but shape [1,4] needs 4",
        "[2,2]|[[1,2],[3]]|data has 1 elements along dimension 1, but shape [2,2] says 2",
        "[2,2]|[[1,2]]|data has 1 elements along dimension 0, but shape [2,2] says 2",
        "[4]|[[1,2,3,4]]|nested deeper than shape [4]",
        "[1,1,4]|[[1,2,3,4]]|found at nesting depth 2, but shape [1,1,4] needs depth 3",
        "[2,2]|[[1,2],3,4]|found at nesting depth 1",
        "[2,2]|[1,2,[3,4]]|an array after 2 plain elements",
        "[-1,4]|[1,2,3,4]|shape [-1,4] has a negative dimension",
        "[4294967296,4294967296]|[1]|more elements than can be counted",
        "[1000000000000]|[1]|data has 1 elements, but shape [1000000000000] needs 1000000000000",
        "[1.5]|[1]|'shape' must hold 64-bit integers, not 1.5",
        "[99999999999999999999]|[1]|'shape' must hold 64-bit integers",
        "4|[1]|'shape' must be an array, not 4",
        "[1]|5|'data' must be an array, not 5",
      })
  void refusesDataThatDoNotFitTheShape(String shape, String data, String message) {
    assertThat(refusal(input("FP32", shape, data))).contains("input 'x'").contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|'inputs' is missing",
        "[]|must be a JSON object",
        "{\"inputs\":[]}|'inputs' is empty",
        "{\"inputs\":{}}|'inputs' must be an array",
        "{\"inputs\":[5]}|inputs[0] must be an object, not 5",
        "{\"inputs\":[{\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}|inputs[0]: 'name' is missing",
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"data\":[1]}]}|input 'x': 'shape' is missing",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"data\":[1]}]}|input 'x': 'datatype' is missing",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\"}]}|neither 'data' nor 'binary_data_size'",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FLOAT\",\"data\":[1]}]}|input 'x': unknown datatype 'FLOAT'",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP16\",\"data\":[1]}]}|FP16 has no JSON form",
        "{\"inputs\":[{\"name\":7}]}|'name' must be a string",
        "{\"parameters\":{\"a\":{}},\"inputs\":[]}|parameter 'a' must be a string, a number or a boolean",
        "{\"parameters\":{\"a\":99999999999999999999},\"inputs\":[]}|parameter 'a': 99999999999999999999 does not fit",
        "{\"parameters\":[],\"inputs\":[]}|'parameters' must be an object",
        "{\"outputs\":[{}],\"inputs\":[]}|outputs[0]: 'name' is missing",
        "{\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":1}}]}|output 'y': parameter 'binary_data' must be true or false",
      })
  void namesWhatIsMissingOrOfTheWrongKind(String json, String message) {
    assertThat(refusal(json)).contains(message);
  }

  @Test
  void refusesAnInputGivenTwice() {
    String one = "{\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT8\",\"data\":[1]}";
    assertThat(refusal("{\"inputs\":[" + one + "," + one + "]}"))
        .isEqualTo("input 'x': it is given twice");
  }

  @Test
  void namesThePlaceOfMalformedJson() {
    String whole = input("FP32", "[4]", "[1,2,3,4]");
    for (int cut = 1; cut < whole.length(); cut++) {
      assertThat(refusal(whole.substring(0, cut))).contains("malformed JSON at line 1, column ");
    }
    assertThat(refusal("{\n\"inputs\": nope}"))
        .startsWith("malformed JSON at line 2, column ")
        .doesNotContain("Source");
    assertThat(refusal(whole + "x")).contains("malformed JSON");
    assertThat(refusal(whole + "{}")).contains("content after the JSON object");
    assertThat(refusal("{\"id\":\"a\",\"id\":\"b\"}")).contains("Duplicate field 'id'");
    assertThat(refusal("")).contains("empty");
    assertThat(refusal("[".repeat(100_000))).contains("JSON");
    assertThat(refusal("{\"a\":" + "[".repeat(100_000))).contains("malformed JSON");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32"})
  void refusesOtherEncodings(String charset) {
    byte[] bytes = input("FP32", "[1]", "[1]").getBytes(java.nio.charset.Charset.forName(charset));
    assertThat(refusal(ByteBuffer.wrap(bytes), -1)).contains("not UTF-8");
  }

  @Test
  void binaryTensorsAreSlicesOfTheBody() {
    String json = blobInput("[2]", "8");
    ByteBuffer body = withBlob(json, 8).order(ByteOrder.LITTLE_ENDIAN);
    body.putFloat(json.length(), 1.5f).putFloat(json.length() + 4, -2);
    Tensor x = HttpInferCodec.decodeRequest(body, json.length()).inputs().get(0);
    assertThat(Tensors.floatArray(x)).containsExactly(1.5f, -2);
    assertThat(x.parameters()).isEmpty();
    body.putFloat(json.length(), 9);
    assertThat(Tensors.floatArray(x)).as("a view, not a copy").containsExactly(9, -2);
    assertThat(body.position()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[2]|12|12|12 bytes came, but FP32[2] needs 8",
        "[2]|8|4|'binary_data_size' is 8, but only 4 bytes of the body are left",
        "[2]|8|9|1 bytes are left in the body after the last tensor's data",
        "[2]|-8|8|'binary_data_size' must be an integer of 0 or more, not -8",
        "[2]|\"8\"|8|'binary_data_size' must be an integer of 0 or more, not 8",
        "[2]|99999999999|8|'binary_data_size' is 99999999999, but only 8 bytes",
        "[9223372036854775807]|8|8|8 bytes came, but FP32[9223372036854775807] needs more than",
      })
  void refusesBlobsThatDoNotFit(String shape, String size, int bytes, String message) {
    String json = blobInput(shape, size);
    assertThat(refusal(withBlob(json, bytes), json.length())).contains(message);
  }

  @Test
  void refusesLyingHeaders() {
    String json = blobInput("[2]", "8");
    assertThat(refusal(withBlob(json, 8), -1)).contains("Inference-Header-Content-Length");
    assertThat(refusal(withBlob(json, 8), json.length() + 9)).contains("is not between 0 and");
    assertThat(refusal(withBlob(json, 8), json.length() - 3)).contains("malformed JSON");
    assertThat(refusal(withBlob(json, 8), json.length() + 8)).contains("malformed JSON");
    String both = json.replace("\"parameters\"", "\"data\":[1,2],\"parameters\"");
    assertThat(refusal(withBlob(both, 8), both.length())).contains("has both 'data' and");
    assertThat(HttpInferCodec.jsonLength(null, 10)).isEqualTo(-1);
    assertThat(HttpInferCodec.jsonLength(" 7 ", 10)).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"11", "-1", "x", "", "99999999999", "1.0"})
  void refusesHeadersThatAreNoLength(String header) {
    MillraceException refused =
        catchThrowableOfType(MillraceException.class, () -> HttpInferCodec.jsonLength(header, 10));
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refused.message()).startsWith("Inference-Header-Content-Length: ");
  }

  @Test
  void checksTheFramingOfBytesBlobs() {
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"BYTES\",\"shape\":[1],\"parameters\":{\"binary_data_size\":6}}]}";
    ByteBuffer body = withBlob(json, 6).order(ByteOrder.LITTLE_ENDIAN);
    body.putInt(json.length(), 3);
    assertThat(refusal(body, json.length()))
        .isEqualTo("input 'x', element 0: its length says 3 bytes, but 2 are left");
    body.putInt(json.length(), 0);
    assertThat(refusal(body, json.length()))
        .isEqualTo("input 'x', element 1: 2 bytes left, but a length takes 4");
    body.putInt(json.length(), 2);
    assertThat(HttpInferCodec.decodeRequest(body, json.length()).inputs()).hasSize(1);
    body.putInt(json.length(), -1);
    assertThat(refusal(body, json.length())).contains("its length says 4294967295 bytes");
  }

  @Test
  void eachOutputIsWrittenInTheFormAskedFor() {
    Tensor a = Tensors.float32("a", new float[] {1, 0.1f}, 2);
    Tensor b = Tensors.int64("b", new long[] {7}, 1);
    InferResponse response = new InferResponse("m", "1", "", Map.of(), List.of(a, b));
    InferRequest mixed =
        new InferRequest(
            "",
            "",
            "",
            Map.of("binary_data_output", true),
            List.of(),
            List.of(
                new RequestedOutput("a", Map.of("binary_data", false)),
                new RequestedOutput("b", Map.of())));
    EncodedBody body = HttpInferCodec.encodeResponse(response, mixed);
    EncodedBody copied = HttpInferCodec.encodeResponse(response, mixed, 1_000);
    assertThat(copied.parts()).hasSize(1);
    assertThat(copied.jsonLength()).isEqualTo(body.jsonLength());
    assertThat(copied.joined()).isEqualTo(body.joined());
    assertThat(StandardCharsets.UTF_8.decode(body.parts().get(0).duplicate()).toString())
        .isEqualTo(
            "{\"model_name\":\"m\",\"model_version\":\"1\",\"outputs\":["
                + "{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1.0,0.1]},"
                + "{\"name\":\"b\",\"datatype\":\"INT64\",\"shape\":[1],\"parameters\":{\"binary_data_size\":8}}]}");
    assertThat(body.size()).isEqualTo(body.jsonLength() + 8);
  }

  @Test
  void bytesThatAreNoTextNeedBinary() {
    Tensor blob = Tensors.bytes("y", List.of(new byte[] {(byte) 0xFF}), 1);
    InferResponse response = new InferResponse("m", "1", "", Map.of(), List.of(blob));
    InferRequest plain = new InferRequest("", "", "", Map.of(), List.of(), List.of());
    MillraceException refused =
        catchThrowableOfType(
            MillraceException.class, () -> HttpInferCodec.encodeResponse(response, plain));
    assertThat(refused.message()).contains("element 0 is not UTF-8 text").contains("binary_data");
  }

  @Test
  void aMalformedAnswerIsNotTheCallersFault() {
    MillraceException refused =
        catchThrowableOfType(
            MillraceException.class, () -> HttpInferCodec.decodeResponse(utf8("<html>"), -1));
    assertThat(refused.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(refused.message()).startsWith("the server's answer cannot be read: malformed JSON");
  }

  @Test
  void aRawRequestIsNotOfferedYet() {
    MillraceException refused =
        catchThrowableOfType(
            MillraceException.class, () -> HttpInferCodec.decodeRequest(ByteBuffer.allocate(4), 0));
    assertThat(refused.code()).isEqualTo(ErrorCode.NOT_IMPLEMENTED);
  }
}
