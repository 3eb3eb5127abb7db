package dev.millrace.gateway.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.InferParameter;
import dev.millrace.protocol.grpc.ModelInferRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameScannersTest {
  private static final int BOUND = 4_096;
  private static final Predicate<String> NONE = model -> false;
  private final GrpcModelNameScanner scanner = new GrpcModelNameScanner(BOUND, 1 << 20);

  private static byte[] message(String name, String version, int payload) {
    return ModelInferRequest.newBuilder()
        .setModelName(name)
        .setModelVersion(version)
        .setId("id")
        .addRawInputContents(ByteString.copyFrom(new byte[payload]))
        .build()
        .toByteArray();
  }

  private static byte[] frame(boolean compressed, byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) (compressed ? 1 : 0))
        .putInt(message.length)
        .put(message)
        .array();
  }

  private Optional<BodyTarget> scan(byte[] bytes, boolean ended) {
    return scanner.scan(ByteBuffer.wrap(bytes), null, ended, NONE);
  }

  /** The caller may wait for the answer to this message before it sends another. */
  @Test
  void aWholeMessageThatEndsWithinItsCompressionIsRefusedAtOnce() throws Exception {
    var packed = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(packed)) {
      out.write(message("fuzz-linear", "", 16));
    }
    var cut = Arrays.copyOf(packed.toByteArray(), 12);
    assertThatThrownBy(
            () -> scanner.scan(ByteBuffer.wrap(frame(true, cut)), "deflate", false, NONE))
        .isInstanceOfSatisfying(
            MillraceException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    // While bytes of it are still to come, nobody knows yet.
    var more = Arrays.copyOf(frame(true, packed.toByteArray()), 5 + 12);
    assertThat(scanner.scan(ByteBuffer.wrap(more), "deflate", false, NONE)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "3", "champion"})
  void findsNamesHoweverTheBytesAreCut(String version) {
    var bytes = frame(false, message("minilm", version, 100_000));
    Optional<BodyTarget> found = Optional.empty();
    int length = 0;
    while (found.isEmpty()) {
      found = scan(Arrays.copyOf(bytes, length++), false);
    }
    assertThat(found).hasValue(new BodyTarget("minilm", version.isEmpty() ? null : version, null));
    assertThat(length).isLessThan(40);
    assertThat(scan(Arrays.copyOf(bytes, 9_000), false)).isEqualTo(found);
  }

  @Test
  void findsANameBehindOtherFields() {
    var late =
        ModelInferRequest.newBuilder()
            .setId("first")
            .build()
            .toByteString()
            .concat(ModelInferRequest.newBuilder().setModelName("late").build().toByteString());
    assertThat(scan(frame(false, late.toByteArray()), true))
        .hasValue(new BodyTarget("late", null, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "call-17"})
  void findsTheSequenceOfAModelThatKeepsState(String id) {
    var parameter = InferParameter.newBuilder();
    if (id.equals("5")) {
      parameter.setInt64Param(5);
    } else {
      parameter.setStringParam(id);
    }
    var bytes =
        frame(
            false,
            ModelInferRequest.newBuilder()
                .setModelName("vad")
                .putParameters("priority", InferParameter.newBuilder().setInt64Param(1).build())
                .putParameters("sequence_id", parameter.build())
                .putParameters("sequence_start", InferParameter.newBuilder().build())
                .addInputs(ModelInferRequest.InferInputTensor.newBuilder().setName("x"))
                .addRawInputContents(ByteString.copyFrom(new byte[100_000]))
                .build()
                .toByteArray());
    Optional<BodyTarget> found = Optional.empty();
    int length = 0;
    while (found.isEmpty()) {
      var cut = ByteBuffer.wrap(Arrays.copyOf(bytes, length++));
      found = scanner.scan(cut, null, false, "vad"::equals);
    }
    assertThat(found).hasValue(new BodyTarget("vad", null, id.isEmpty() ? null : id));
    assertThat(length).isLessThan(150);
    assertThat(scan(bytes, true)).hasValue(new BodyTarget("vad", null, null));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`{\"inputs\":[{\"data\":[1,NaN]}],\"parameters\":{\"a\":1,\"sequence_id\":5}}`, 5",
        "{\"parameters\":{\"sequence_id\":\"call\"}}, call",
        "{\"parameters\":{\"sequence_id\":0}},",
        "{\"parameters\":{\"other\":{\"sequence_id\":3}}},",
        "{\"inputs\":[{\"parameters\":{\"sequence_id\":3}}]},",
        "`{\"inputs\":[`,",
        "[],"
      })
  void findsTheSequenceInJson(String json, @Nullable String id) {
    var bytes = new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8));
    assertThat(JsonSequenceScanner.sequence(bytes)).isEqualTo(Optional.ofNullable(id));
  }

  @Test
  void looksIntoCompressedPrefixes() throws IOException {
    var plain = message("minilm", "2", 500_000);
    var gzip = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(gzip)) {
      out.write(plain);
    }
    var zlib = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(zlib)) {
      out.write(plain);
    }
    var expected = new BodyTarget("minilm", "2", null);
    assertThat(scanner.scan(ByteBuffer.wrap(frame(true, gzip.toByteArray())), "gzip", false, NONE))
        .hasValue(expected);
    var cut = ByteBuffer.wrap(frame(true, zlib.toByteArray()), 0, 100);
    assertThat(scanner.scan(cut, "deflate", false, NONE)).hasValue(expected);
  }

  @Test
  void refusesWhatCannotBe() {
    assertThat(code(frame(false, new byte[0]), true)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(new byte[3], true)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(frame(false, new byte[] {(byte) 0xff, 0x0f, 1, 2}), true))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    var nameless = ModelInferRequest.newBuilder().setId("x".repeat(2 * BOUND)).build();
    assertThat(code(frame(false, nameless.toByteArray()), false))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(new byte[] {0, 0x7f, 0, 0, 0}, false)).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    assertThat(code(frame(true, new byte[10]), false)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThatThrownBy(
            () -> scanner.scan(ByteBuffer.wrap(frame(true, new byte[9])), "snappy", false, NONE))
        .hasMessageContaining("snappy");
  }

  @Test
  void survivesAnything() {
    long seed = 20_261_124;
    var random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      var bytes = frame(false, message("m", "1", 20));
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        scanner.scan(
            ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1)), "gzip", true, NONE);
      } catch (MillraceException refused) {
        assertThat(refused.code()).as("seed %d", seed).isNotEqualTo(ErrorCode.INTERNAL);
      }
    }
  }

  private ErrorCode code(byte[] bytes, boolean ended) {
    return catchThrowableOfType(MillraceException.class, () -> scan(bytes, ended)).code();
  }

  @Test
  void findsTheModelOfAJsonBody() {
    assertThat(json("{\"input\":[{\"model\":\"no\"}],\"model\":\"yes\",garbage")).isEqualTo("yes");
    assertThatThrownBy(() -> json("{\"a\":1}")).hasMessageContaining("model: missing");
    assertThatThrownBy(() -> json("{\"model\":\"\"}")).hasMessageContaining("model: missing");
    assertThatThrownBy(() -> json("{\"a\":\n  tru")).hasMessageContaining("line 2");
    assertThatThrownBy(() -> json("{\"a\":" + "[".repeat(100)))
        .isInstanceOf(MillraceException.class);
  }

  private static String json(String body) {
    return JsonModelScanner.model(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
  }
}
