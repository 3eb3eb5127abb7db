package dev.millrace.registry.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.registry.artifact.DirectoryBlobStore;
import dev.millrace.registry.onnx.ProtoWriter;
import dev.millrace.testkit.bundle.TarBytes;
import dev.millrace.testkit.onnx.TinyModels;
import dev.millrace.testkit.onnx.TinyTextModels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleReaderTest {
  private static final byte[] MODEL = TinyModels.linear(4, 3);

  @TempDir Path folder;
  private DirectoryBlobStore blobs;
  private BundleReader reader;

  @BeforeEach
  void open() throws Exception {
    blobs = new DirectoryBlobStore(folder);
    reader = new BundleReader(blobs, new UploadLimits(100_000, 5));
  }

  @AfterEach
  void nothingStaysStaged() throws Exception {
    assertThat(blobs.sweepStaged()).isZero();
  }

  @Test
  void aBareFileIsTheModel() throws Exception {
    try (var bundle = read(MODEL)) {
      assertThat(bundle.artifacts()).extracting(Artifact::name).containsExactly("model.onnx");
      assertThat(bundle.manifest().task()).isNull();
      bundle.commit();
    }
    assertThat(blobs.digests()).hasSize(1);
  }

  @Test
  void aBundleIsItsFilesByNameWhateverTheirOrder() throws Exception {
    var one = new TarBytes().file("./net.onnx", MODEL).file("labels.txt", bytes("a\nb")).end();
    var other = new TarBytes().file("labels.txt", bytes("a\nb")).file("net.onnx", MODEL).end();

    try (var first = read(one);
        var second = read(other)) {
      assertThat(first.artifacts()).isEqualTo(second.artifacts());
      assertThat(first.artifacts())
          .extracting(Artifact::name)
          .containsExactly("labels.txt", "net.onnx");
    }
  }

  @Test
  void readsTheManifestAndFindsTheUsualTokenizer() throws Exception {
    var tar =
        new TarBytes()
            .file("model.onnx", TinyTextModels.embedder(10))
            .file("tokenizer.json", bytes("{}"))
            .file(
                "millrace.yaml", bytes("task: embedding\npooling: cls\npadding: {input_ids: 0}\n"))
            .end();

    try (var bundle = read(tar)) {
      assertThat(bundle.manifest().tokenizer()).isEqualTo("tokenizer.json");
      assertThat(bundle.manifest().pooling()).isEqualTo("cls");
      assertThat(bundle.manifest().padding()).containsEntry("input_ids", 0L);
    }
  }

  @Test
  void aTextTaskNeedsAModelThatFits() throws Exception {
    text("task: embedding", MODEL, "task embedding: input 'x' FP32");
    text("task: rerank", TinyTextModels.classifier(2), "is FP32 of shape [batch, 1]");
    text("task: classification", TinyTextModels.embedder(5), "of shape [batch, labels]");
    text("task: rerank\npooling: cls", TinyTextModels.crossEncoder(), "only with task embedding");
    text("activation: softmax", MODEL, "only with task classification or rerank");
    text("task: rerank\nactivation: tanh", TinyTextModels.crossEncoder(), "one of none, sigmoid");
    try (var bundle =
        read(textBundle("task: rerank\nactivation: none", TinyTextModels.crossEncoder()))) {
      assertThat(bundle.manifest().tokenizer()).isEqualTo("tokenizer.json");
      assertThat(bundle.manifest().activation()).isEqualTo("none");
    }
  }

  private void text(String yaml, byte[] model, String message) {
    refused(textBundle(yaml, model), message);
  }

  private static byte[] textBundle(String yaml, byte[] model) {
    return new TarBytes()
        .file("model.onnx", model)
        .file("tokenizer.json", bytes("{}"))
        .file("millrace.yaml", bytes(yaml))
        .end();
  }

  @Test
  void saysWhatIsWrongWithAManifest() {
    manifest("tokeniser: a", "unknown field 'tokeniser' (did you mean 'tokenizer'?)");
    manifest("task: embeding", "did you mean 'embedding'?");
    manifest("task: embedding", "needs a tokenizer");
    manifest("labels: none.txt", "labels: 'none.txt' (expected: a file of the bundle)");
    manifest("maxTokens: 0", "expected: at least 1");
    manifest("maxTokens: many", "maxTokens is not valid (expected: a whole number)");
    manifest("padding: {z: 0}", "names of inputs");
    manifest("states: {z: y}", "states: 'z: y' (expected: names of inputs, each with");
    manifest("states: {x: z}", "states: 'x: z' (expected: names of inputs, each with");
    manifest("task: \"unclosed", "millrace.yaml is malformed");
    manifest("", "millrace.yaml");
  }

  @Test
  void aStateIsAnOutputThatFitsAnInput() throws Exception {
    text("states: {x: y}", TinyModels.linear(4, 3), "of the same shape and datatype");
    text("states: {ids: y}", TinyModels.gatherEmbedding(3, 2), "of the same shape and datatype");
    var tar =
        new TarBytes()
            .file("model.onnx", TinyModels.runningSum())
            .file("millrace.yaml", bytes("states: {state: next}"))
            .end();
    try (var bundle = read(tar)) {
      assertThat(bundle.manifest().states()).containsExactly(Map.entry("state", "next"));
    }
  }

  @Test
  void refusesEverythingButPlainFiles() {
    for (var name :
        new String[] {"../model.onnx", "/model.onnx", "a/model.onnx", ".hidden", "a..b"}) {
      refused(new TarBytes().file(name, MODEL).end(), "is not a plain file name");
    }
    refused(tarOf("model.onnx", '2'), "is a link");
    refused(tarOf("model.onnx", '1'), "is a link");
    refused(tarOf("model.onnx", '3'), "is a device");
    refused(tarOf("sub/", '5'), "is a folder");
    refused(
        new TarBytes().file("model.onnx", MODEL).file("MODEL.onnx", MODEL).end(), "comes twice");
  }

  @Test
  void takesTheFolderEntryThatTarWritesForItself() throws Exception {
    var tar =
        new TarBytes().add(TarBytes.entry("./", '5', new byte[0])).file("m.onnx", MODEL).end();
    try (var bundle = read(tar)) {
      assertThat(bundle.artifacts()).hasSize(1);
    }
  }

  @Test
  void readsPaxNames() throws Exception {
    var record = bytes("19 path=long.onnx\n".replace("19", "18"));
    var tar = new TarBytes().add(TarBytes.entry("pax", 'x', record)).file("short", MODEL).end();
    try (var bundle = read(tar)) {
      assertThat(bundle.artifacts()).extracting(Artifact::name).containsExactly("long.onnx");
    }
  }

  @Test
  void refusesBundlesWithoutExactlyOneModelOrWithTooManyFiles() {
    refused(new TarBytes().file("a.txt", MODEL).end(), "no .onnx file");
    refused(
        new TarBytes().file("a.onnx", MODEL).file("b.onnx", MODEL).end(),
        "several .onnx files: a.onnx, b.onnx");
    var many = new TarBytes().file("a.onnx", MODEL);
    for (int i = 0; i < 5; i++) {
      many.file("f" + i, new byte[1]);
    }
    refused(many.end(), "more than 5 files");
  }

  @Test
  void refusesBrokenTarsAtEveryBlock() {
    var whole = new TarBytes().file("a.onnx", MODEL).file("b.txt", new byte[700]).end();
    for (int length = 512; length < whole.length - 1024; length += 100) {
      var cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut))
          .as("cut at " + length)
          .isInstanceOf(MillraceException.class);
    }
  }

  @Test
  void refusesWeightsOutsideTheBundle() throws Exception {
    for (var hostile : new String[] {"../../etc/passwd", "/etc/passwd", "missing.bin"}) {
      refused(external(hostile), "which is not a file of the upload");
    }
    var tar = new TarBytes().file("m.onnx", external("w.bin")).file("w.bin", new byte[8]).end();
    try (var bundle = read(tar)) {
      assertThat(bundle.artifacts()).hasSize(2);
    }
  }

  @Test
  void refusesWhatIsTooLargeOrCompressed() {
    assertThatThrownBy(() -> read(new byte[100_001]))
        .isInstanceOfSatisfying(
            MillraceException.class,
            it -> assertThat(it.code()).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE));
    refused(new byte[] {'P', 'K', 3, 4, 0}, "it is a zip");
    refused(new byte[] {0x1f, (byte) 0x8b, 8, 0}, "compressed with gzip");
  }

  @Test
  void comparesTheWholeBodyWithTheDigestThatWasSent() throws Exception {
    var tar = new TarBytes().file("m.onnx", MODEL).end();
    var right = MessageDigest.getInstance("SHA-256").digest(tar);
    reader.read(new ByteArrayInputStream(tar), right).close();

    assertThatThrownBy(() -> reader.read(new ByteArrayInputStream(tar), new byte[32]))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("does not have the digest that was sent");
  }

  private static byte[] tarOf(String name, char type) {
    return new TarBytes().add(TarBytes.entry(name, type, new byte[0])).end();
  }

  private static byte[] external(String file) {
    var weight =
        new ProtoWriter()
            .text(8, "W")
            .message(13, new ProtoWriter().text(1, "location").text(2, file));
    return ProtoWriter.model(
        new ProtoWriter().message(5, weight).message(12, ProtoWriter.value("y", 1, "2")));
  }

  private void manifest(String yaml, String message) {
    refused(
        new TarBytes().file("model.onnx", MODEL).file("millrace.yaml", bytes(yaml)).end(), message);
  }

  private void refused(byte[] body, String message) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOfSatisfying(
            MillraceException.class,
            it -> {
              assertThat(it.message()).contains(message);
              assertThat(it.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            });
  }

  private StagedBundle read(byte[] body) throws IOException {
    return reader.read(new ByteArrayInputStream(body), null);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
