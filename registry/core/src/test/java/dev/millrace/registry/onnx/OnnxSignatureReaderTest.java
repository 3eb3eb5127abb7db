package dev.millrace.registry.onnx;

import static dev.millrace.registry.onnx.ProtoWriter.model;
import static dev.millrace.registry.onnx.ProtoWriter.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OnnxSignatureReaderTest {
  private static final int FLOAT = 1;

  @Test
  void readsFormatAndSignature() throws Exception {
    var model = read(TinyModels.linear(4, 3));

    assertThat(model.format().irVersion()).isPositive();
    assertThat(model.format().opset()).isPositive();
    assertThat(model.format().producer()).isNotBlank();
    assertThat(model.signature().inputs())
        .containsExactly(
            new TensorSignature(
                "x", DataType.FP32, List.of(Dimension.symbolic("batch"), Dimension.fixed(4)), 0));
    assertThat(model.signature().outputs())
        .containsExactly(
            new TensorSignature(
                "y", DataType.FP32, List.of(Dimension.symbolic("batch"), Dimension.fixed(3)), 0));
    assertThat(model.externalFiles()).isEmpty();
  }

  @Test
  void readsEveryTinyModel() throws Exception {
    assertThat(read(TinyModels.slow(10)).signature().inputs()).hasSize(1);
    assertThat(read(TinyModels.scalarInput()).signature().input("scale").orElseThrow().batchAxis())
        .isNull();
    assertThat(read(TinyModels.fixedBatch()).signature().batchable()).isFalse();
    assertThat(read(TinyModels.gatherEmbedding(3, 2)).signature().batchable()).isTrue();
  }

  @Test
  void aWeightThatIsListedAsInputIsNoInput() throws Exception {
    var graph =
        new ProtoWriter()
            .message(5, new ProtoWriter().text(8, "W").raw(9, new byte[64]))
            .message(11, value("W", 99))
            .message(11, value("x", FLOAT, "N", ""))
            .message(12, value("y", FLOAT, "N", "2"));

    var signature = read(model(graph)).signature();

    assertThat(signature.inputs()).extracting(TensorSignature::name).containsExactly("x");
    assertThat(signature.inputs().get(0).shape())
        .containsExactly(Dimension.symbolic("N"), Dimension.free());
  }

  @Test
  void findsExternalFilesInGraphsNodesAndSubgraphs() throws Exception {
    var graph =
        new ProtoWriter()
            .message(5, external("a.bin"))
            .message(
                1, new ProtoWriter().message(5, new ProtoWriter().message(5, external("b.bin"))))
            .message(
                1,
                new ProtoWriter()
                    .message(
                        5,
                        new ProtoWriter()
                            .message(6, new ProtoWriter().message(5, external("../c.bin")))))
            .message(12, value("y", FLOAT, "2"));

    assertThat(read(model(graph)).externalFiles())
        .containsExactlyInAnyOrder("a.bin", "b.bin", "../c.bin");
  }

  @Test
  void everyTruncationIsRefused() {
    var whole = TinyModels.slow(10);
    for (int length = 0; length < whole.length; length++) {
      var cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut), "cut at %d of %d", length, whole.length)
          .isInstanceOfSatisfying(
              MillraceException.class,
              it -> assertThat(it.message()).startsWith("not an ONNX model: "));
      if (length == whole.length - 20) {
        break; // What follows is the list of operator sets, without which a model is still one.
      }
    }
  }

  @Test
  void refusesWhatIsNoModel() {
    refused(new byte[0], "it has no graph");
    refused(
        "{\"json\": true}".getBytes(java.nio.charset.StandardCharsets.UTF_8), "not an ONNX model");
    refused(TinyModels.notOnnx(), "not an ONNX model");
    refused(model(new ProtoWriter()), "its graph has no outputs");
    refused(
        model(
            new ProtoWriter()
                .message(12, value("y", FLOAT, "2"))
                .message(12, value("y", FLOAT, "2"))),
        "not unique");
  }

  @Test
  void refusesHostileLengthsAndDepths() {
    refused(
        new ProtoWriter().number(1, 9).lyingLength(7, Integer.MAX_VALUE).bytes(), "not an ONNX");
    refused(new ProtoWriter().number(1, 9).lyingLength(7, 1 << 30).bytes(), "middle");
    refused(new ProtoWriter().number(1, 9).lyingLength(7, -1).bytes(), "length is negative");
    refused(new ProtoWriter().number(1, 9).lyingLength(2, 1 << 30).bytes(), "a name is");
    refused(model(new ProtoWriter().lyingLength(11, 1 << 20)), "beyond its message");
    var deep = new ProtoWriter();
    for (int i = 0; i < 100; i++) {
      deep =
          new ProtoWriter()
              .message(1, new ProtoWriter().message(5, new ProtoWriter().message(6, deep)));
    }
    refused(model(deep), "nested deeper");
  }

  @Test
  void namesWhatCannotBeServed() {
    refused(
        model(new ProtoWriter().message(12, value("y", 17, "2"))),
        "unsupported ONNX model: output 'y' has element type 17");
    var sequence =
        new ProtoWriter()
            .text(1, "probabilities")
            .message(2, new ProtoWriter().raw(4, new byte[0]));
    refused(model(new ProtoWriter().message(12, sequence)), "zipmap=False");
  }

  @Test
  void randomDamageNeverEscapesAsAnotherFailure() {
    long seed = 20260501;
    var random = new Random(seed);
    var whole = TinyModels.slow(10);
    for (int round = 0; round < 20_000; round++) {
      var damaged = whole.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        read(damaged);
      } catch (MillraceException expected) {
        assertThat(expected.code()).as("seed %d", seed).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      } catch (Exception other) {
        throw new AssertionError("seed " + seed + " round " + round, other);
      }
    }
  }

  private static ProtoWriter external(String file) {
    return new ProtoWriter()
        .text(8, "W" + file)
        .message(13, new ProtoWriter().text(1, "location").text(2, file))
        .number(14, 1);
  }

  private static void refused(byte[] file, String message) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOfSatisfying(
            MillraceException.class,
            it -> {
              assertThat(it.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
              assertThat(it.message()).contains(message);
            });
  }

  private static OnnxModel read(byte[] file) throws IOException {
    return OnnxSignatureReader.read(new ByteArrayInputStream(file), file.length);
  }
}
