package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.Millrace;
import dev.millrace.client.UploadListener;
import dev.millrace.e2e.support.SharedPlatform;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.testkit.bundle.TarBytes;
import dev.millrace.testkit.onnx.TinyModels;
import dev.millrace.testkit.onnx.TinyTextModels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tokenizers that are made to harm: each is refused with the reason, and nobody else notices. */
@ExtendWith(SharedPlatform.class)
class HostileTokenizersE2E {
  private static final String MANIFEST =
      "task: embedding\ntokenizer: tokenizer.json\npooling: mean\nmaxTokens: 16\n";
  private static final int DEEP = 100_000;

  @TempDir Path folder;

  private static Map<String, String> hostile() {
    var all = new LinkedHashMap<String, String>();
    all.put("no-json", "#!/bin/sh\n");
    all.put("unknown-model", "{\"version\":\"1.0\",\"model\":{\"type\":\"Evil\",\"vocab\":{}}}");
    all.put("deep-objects", "{\"model\":".repeat(DEEP) + "1" + "}".repeat(DEEP));
    all.put("huge-id", with("\"normalizer\":null", "{\"[UNK]\":0,\"a\":9223372036854775807}"));
    all.put(
        "huge-regex",
        with("\"pre_tokenizer\":" + split("(".repeat(50_000) + "a" + ")".repeat(50_000))));
    return all;
  }

  private static String with(String part) {
    return with(part, "{\"[UNK]\":0,\"a\":1}");
  }

  private static String with(String part, String vocabulary) {
    return "{\"version\":\"1.0\","
        + part
        + ",\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\","
        + "\"max_input_chars_per_word\":100,\"vocab\":"
        + vocabulary
        + "}}";
  }

  private static String split(String regex) {
    return "{\"type\":\"Split\",\"pattern\":{\"Regex\":\""
        + regex
        + "\"},\"behavior\":\"Isolated\",\"invert\":false}";
  }

  @Test
  void eachIsRefusedWithTheReason(SharedPlatform.Running running) throws Exception {
    Millrace client = running.serving("linear", TinyModels.linear(4, 3)).client();
    var accepted = new LinkedHashMap<String, VersionDocument>();
    for (var tokenizer : hostile().entrySet()) {
      byte[] bundle =
          new TarBytes()
              .file("model.onnx", TinyTextModels.embedder(100))
              .file("tokenizer.json", tokenizer.getValue().getBytes(StandardCharsets.UTF_8))
              .file("millrace.yaml", MANIFEST.getBytes(StandardCharsets.UTF_8))
              .end();
      String model = "hostile-" + tokenizer.getKey();
      Path file = Files.write(folder.resolve(model + ".tar"), bundle);
      try {
        accepted.put(model, client.control().uploadVersion(model, file, UploadListener.NONE));
      } catch (MillraceException refused) {
        assertThat(refused.code()).as(model).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(refused.message()).as(model).containsIgnoringCase("tokenizer");
      }
    }
    accepted.forEach((model, version) -> isRejected(client, model, version.version()));

    var answer =
        client.endpoint("linear").infer(Tensors.float32("x", new float[] {1, 2, 3, 4}, 1, 4));
    assertThat(answer.floats("y").get(0)).isEqualTo(30);
  }

  private static void isRejected(Millrace client, String model, int version) {
    Awaitility.await(model + " has its verdict")
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              var state = client.control().version(model, version).state();
              return state == VersionState.REJECTED || state == VersionState.READY;
            });
    var judged = client.control().version(model, version);
    assertThat(judged.state())
        .as("%s: %s", model, judged.reason())
        .isEqualTo(VersionState.REJECTED);
    assertThat(judged.reason()).as(model).containsIgnoringCase("tokenizer");
  }
}
