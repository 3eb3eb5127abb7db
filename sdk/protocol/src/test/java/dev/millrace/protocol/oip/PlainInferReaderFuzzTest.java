package dev.millrace.protocol.oip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast reader must never read a message to another result than the general one. */
class PlainInferReaderFuzzTest {
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "-1",
          "0.0",
          "-0.0",
          "-0",
          "16777217",
          "16777216.5",
          "1e10",
          "1E-10",
          "3.4e38",
          "3.5e38",
          "1.17549435e-38",
          "1.4e-45",
          "0.1",
          "0." + "1".repeat(1_200),
          "123456789012345678901",
          "9007199254740993",
          "1.00000017881393432617187499",
          "1.000000178813934326171875",
          "01",
          "1.",
          ".5",
          "+1",
          "1e",
          "NaN",
          "Infinity",
          "-Infinity",
          "-I",
          "Nan",
          "18446744073709551615",
          "18446744073709551616",
          "-9223372036854775808",
          "-9223372036854775809",
          "0.10000000149011612",
          "-0e5",
          "127",
          "128",
          "255",
          "256",
          "true",
          "false",
          "null",
          "\"x\"",
          "2147483648",
          "9223372036854775807",
          "9223372036854775808",
          "1e400",
          "1.5",
          "-32768",
          "65535");

  private static final List<String> TYPES =
      List.of(
          "FP32", "FP64", "INT64", "INT32", "INT16", "INT8", "UINT8", "UINT16", "UINT32", "UINT64",
          "BOOL", "BYTES", "FP16");

  @Test
  void randomMessages() {
    long seed = 20_261_124L;
    var random = new Random(seed);
    int plain = 0;
    for (int i = 0; i < 40_000; i++) {
      plain += compare(seed, message(random)) ? 1 : 0;
    }
    assertThat(plain).as("messages that the fast reader took").isGreaterThan(1_500);
  }

  @Test
  void mutatedMessages() {
    long seed = 7L;
    var random = new Random(seed);
    String base =
        "{\"id\":\"a\",\"parameters\":{\"binary_data_output\":true,\"n\":3},\"inputs\":[{\"name\":"
            + "\"x\",\"datatype\":\"FP32\",\"shape\":[2,2],\"data\":[[1.5,-2e3],[3,4.25]]}],"
            + "\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":false}}]}";
    for (int i = 0; i < 40_000; i++) {
      byte[] bytes = base.getBytes(StandardCharsets.UTF_8);
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        bytes[random.nextInt(bytes.length)] =
            (byte) " 0123456789{}[],:.\"-eEx\\".charAt(random.nextInt(24));
      }
      compare(seed, new String(bytes, StandardCharsets.UTF_8));
    }
  }

  @Test
  void randomFloatsAreReadToTheNearest() {
    long seed = 3L;
    var random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      double wide = Double.longBitsToDouble(random.nextLong());
      String text =
          switch (random.nextInt(3)) {
            case 0 -> Float.toString(value);
            case 1 -> Double.toString((double) value + Math.ulp(value) * random.nextDouble());
            default -> Double.toString(wide);
          };
      if (Float.isFinite(Float.parseFloat(text))) {
        assertThat(first(text, "FP32").getFloat()).as(text).isEqualTo(Float.parseFloat(text));
        assertThat(first(text, "FP64").getDouble()).as(text).isEqualTo(Double.parseDouble(text));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}]}",
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT64\",\"shape\":[],\"data\":[1]}]}",
        " { \"inputs\" : [ { \"name\" : \"x\", \"datatype\" : \"BOOL\", \"shape\" : [ 2 ] ,"
            + " \"data\" : [ true , false ] } ] } ",
        "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"datatype\":"
            + "\"FP32\",\"shape\":[1,4],\"parameters\":{\"binary_data_size\":16}}]}"
      })
  void takesTheUsualForms(String json) {
    assertThat(compare(0, json)).isTrue();
  }

  private static ByteBuffer first(String number, String type) {
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\""
            + type
            + "\",\"shape\":[1],\"data\":["
            + number
            + "]}]}";
    var message = PlainInferReader.read(bytes(json), "input", TensorMemory.HEAP);
    assertThat(message).as(json).isNotNull();
    return tensor(message).data.order(java.nio.ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether the fast reader took it; when it did, the other must agree. */
  private static boolean compare(long seed, String json) {
    JsonMessage fast = PlainInferReader.read(bytes(json), "input", TensorMemory.HEAP);
    if (fast == null) {
      return false;
    }
    JsonMessage general;
    try {
      general = InferJsonReader.readAny(bytes(json), "input");
    } catch (MillraceException refused) {
      throw new AssertionError("seed " + seed + ": accepted what is refused: " + json, refused);
    }
    assertThat(describe(fast)).as("seed %d: %s", seed, json).isEqualTo(describe(general));
    return true;
  }

  private static String describe(JsonMessage message) {
    var text = new StringBuilder();
    text.append(message.id).append('|').append(message.modelName).append('|');
    text.append(message.modelVersion).append('|').append(message.parameters).append('|');
    text.append(message.requested).append('|');
    if (message.tensors != null) {
      for (PendingTensor tensor : message.tensors) {
        text.append(tensor.name).append(tensor.datatype);
        text.append(java.util.Arrays.toString(tensor.shape)).append(tensor.parameters);
        text.append(tensor.data == null ? "-" : hex(tensor.data));
      }
    }
    return text.toString();
  }

  private static String hex(ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    return java.util.HexFormat.of().formatHex(bytes);
  }

  private static PendingTensor tensor(JsonMessage message) {
    assertThat(message.tensors).hasSize(1);
    return message.tensors.get(0);
  }

  private static String message(Random random) {
    String type = TYPES.get(random.nextInt(TYPES.size()));
    int rows = 1 + random.nextInt(2);
    int columns = 1 + random.nextInt(3);
    boolean nested = random.nextBoolean();
    var data = new StringBuilder("[");
    for (int row = 0; row < rows; row++) {
      data.append(row > 0 ? "," : "").append(nested ? "[" : "");
      for (int column = 0; column < columns; column++) {
        data.append(column > 0 ? "," : "").append(NUMBERS.get(random.nextInt(NUMBERS.size())));
      }
      data.append(nested ? "]" : "");
    }
    data.append(random.nextInt(20) == 0 ? "]]" : "]");
    int claimed = random.nextInt(10) == 0 ? columns + 1 : columns;
    String head =
        "\"name\":\"x\",\"datatype\":\"" + type + "\",\"shape\":[" + rows + "," + claimed + "]";
    String tensor =
        random.nextInt(8) == 0 ? "\"data\":" + data + "," + head : head + ",\"data\":" + data;
    return "{\"id\":\"" + random.nextInt(9) + "\",\"inputs\":[{" + tensor + "}]}";
  }

  private static ByteBuffer bytes(String json) {
    return ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8));
  }
}
