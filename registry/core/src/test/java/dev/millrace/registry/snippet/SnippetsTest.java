package dev.millrace.registry.snippet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.registry.document.StrictDocuments;
import dev.millrace.registry.sample.SampleRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnippetsTest {
  /** What somebody could name an input to have it run where snippets are run. */
  private static final String HOSTILE = "x'\"`$(touch pwned)`;\\u0022\\ \n\u0001é\u2028%s${K}";

  /** A shell that shows what its tools would get, one argument a line, and their input. */
  private static final String TOOLS =
      """
      show() { for word in "$@"; do printf '[%s]\\n' "$word"; done; }
      curl() { show "$@"; }
      grpcurl() { show "$@"; }
      MILLRACE_API_KEY=key-of-the-environment
      """;

  @TempDir Path folder;

  private static EndpointCall call(ModelManifest manifest, TensorSignature... inputs) {
    var output = new TensorSignature("y", DataType.FP32, List.of(Dimension.symbolic("batch")), 0);
    var signature = new Signature(List.of(inputs), List.of(output));
    return new EndpointCall(
        new PlatformUrl("http://127.0.0.1:8080"),
        "linear",
        manifest,
        signature,
        SampleRequest.of(signature, 8));
  }

  private static TensorSignature tensor(String name, DataType type, long width) {
    return new TensorSignature(
        name, type, List.of(Dimension.symbolic("batch"), Dimension.fixed(width)), 0);
  }

  private String run(String... command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private String shell(String script) throws IOException, InterruptedException {
    Files.writeString(folder.resolve("script.sh"), TOOLS + script);
    return run("bash", "script.sh");
  }

  private void python(String code) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/env")) && hasPython());
    Files.writeString(
        folder.resolve("requests.py"),
        """
        class Answer:
            ok = False
            status_code = 418
            text = "teapot"
        def post(url, **arguments):
            import json
            with open("sent.json", "w") as file:
                json.dump(arguments.get("json") or arguments["data"].decode(errors="replace"), file)
            return Answer()
        """);
    Files.writeString(folder.resolve("call.py"), code);
    run("env", "MILLRACE_API_KEY=k", "bash", "-c", "python3 call.py || test $? = 1");
  }

  private boolean hasPython() {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException | InterruptedException missing) {
      return false;
    }
  }

  @Test
  void curlSendsTheSampleAndTheKeyOfTheEnvironment() throws Exception {
    var call = call(ModelManifest.EMPTY, tensor("x", DataType.FP32, 4));

    assertThat(Snippets.code(SnippetLanguage.CURL, call)).doesNotContain("key-of");
    assertThat(shell(Snippets.code(SnippetLanguage.CURL, call)))
        .isEqualTo(
            """
            [-sS]
            [--fail-with-body]
            [http://127.0.0.1:8080/v2/models/linear/infer]
            [-H]
            [Authorization: Bearer key-of-the-environment]
            [-H]
            [Content-Type: application/json]
            [-d]
            [{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[0.1,0.2,0.3,0.4]}]}]
            """);
  }

  @Test
  void curlSendsLargeInputsAsZeros() throws Exception {
    var call =
        call(
            ModelManifest.EMPTY,
            tensor("picture", DataType.FP32, 1000),
            tensor("x", DataType.INT64, 1));
    var header = call.sample().body().toString();

    var sent =
        shell("curl() { show \"$@\"; wc -c; }\n" + Snippets.code(SnippetLanguage.CURL, call));

    assertThat(sent)
        .contains("[Inference-Header-Content-Length: " + header.length() + "]")
        .contains("[--data-binary]\n[@-]\n")
        .endsWith((header.length() + 4000) + "\n");
  }

  @Test
  void grpcurlSendsTypedContentsOrRawOnes() throws Exception {
    var typed =
        call(ModelManifest.EMPTY, tensor("x", DataType.FP32, 2), tensor("s", DataType.BYTES, 1));
    assertThat(shell(Snippets.code(SnippetLanguage.GRPCURL, typed)))
        .contains("[http://127.0.0.1:8080/api/v1/open_inference.proto]")
        .contains("[-plaintext]")
        .contains("\"contents\":{\"fp32_contents\":[0.1,0.2]}")
        .contains("\"contents\":{\"bytes_contents\":[\"dGV4dA==\"]}")
        .contains("[127.0.0.1:8080]");

    var raw =
        call(ModelManifest.EMPTY, tensor("half", DataType.FP16, 2), tensor("x", DataType.INT32, 1));
    var sent =
        shell("grpcurl() { cat; }\n" + Snippets.code(SnippetLanguage.GRPCURL, raw))
            .lines()
            .filter(line -> line.startsWith("{"))
            .findFirst()
            .orElseThrow();
    var body = ControlJson.lenient().readTree(sent);
    assertThat(body.at("/inputs/0/name").asText()).isEqualTo("half");
    assertThat(body.at("/raw_input_contents/0").asText()).isEqualTo("AAAAAA==");
    assertThat(body.at("/raw_input_contents/1").asText()).isEqualTo("AAAAAA==");
  }

  private static ModelManifest manifest(String yaml) {
    return StrictDocuments.yaml(yaml.getBytes(UTF_8), ModelManifest.class, "manifest");
  }

  @Test
  void textEndpointsAreCalledWithText() {
    var ids = tensor("input_ids", DataType.INT64, 4);
    var call = call(manifest("task: embedding"), ids);
    assertThat(Snippets.code(SnippetLanguage.CURL, call))
        .contains("/v1/embeddings'")
        .contains("{\"model\":\"linear\",\"input\":[\"A mill race");
    assertThat(Snippets.code(SnippetLanguage.JAVA, call))
        .contains("millrace.embeddings(\"linear\"");
    assertThat(Snippets.code(SnippetLanguage.PYTHON, call)).contains("/v1/embeddings\"");
    assertThat(Snippets.code(SnippetLanguage.GRPCURL, call)).contains("int64_contents");

    var rerank = call(manifest("task: rerank"), ids);
    assertThat(Snippets.code(SnippetLanguage.CURL, rerank)).contains("/v1/rerank'", "\"query\":");
    var classify = call(manifest("task: classification\ntokenizer: t.json"), ids);
    assertThat(Snippets.code(SnippetLanguage.PYTHON, classify)).contains("/v1/classify\"");
    // Pictures are classified too, and they are tensors.
    var pictures = call(manifest("task: classification"), ids);
    assertThat(Snippets.code(SnippetLanguage.CURL, pictures)).contains("/v2/models/linear/infer'");
  }

  @Test
  void namesOfAModelAreNothingButNames() throws Exception {
    var call = call(ModelManifest.EMPTY, tensor(HOSTILE, DataType.FP32, 1));

    for (var language : List.of(SnippetLanguage.CURL, SnippetLanguage.GRPCURL)) {
      var body =
          shell(Snippets.code(language, call))
              .lines()
              .filter(line -> line.startsWith("[{"))
              .findFirst()
              .orElseThrow();
      var sent = ControlJson.lenient().readTree(body.substring(1, body.length() - 1));
      assertThat(sent.at("/inputs/0/name").asText()).as(language.word()).isEqualTo(HOSTILE);
    }
    assertThat(folder.resolve("pwned")).doesNotExist();
  }

  @Test
  void pythonSendsTheSameRequest() throws Exception {
    var call =
        call(ModelManifest.EMPTY, tensor(HOSTILE, DataType.BOOL, 2), tensor("x", DataType.FP32, 2));

    python(Snippets.code(SnippetLanguage.PYTHON, call));

    assertThat(ControlJson.lenient().readTree(folder.resolve("sent.json").toFile()))
        .isEqualTo(ControlJson.lenient().readTree(call.sample().body().toString()));
  }

  @Test
  void pythonSendsBinaryZeros() throws Exception {
    var call = call(ModelManifest.EMPTY, tensor("picture", DataType.FP32, 1000));

    python(Snippets.code(SnippetLanguage.PYTHON, call));

    var sent = ControlJson.lenient().readTree(folder.resolve("sent.json").toFile()).asText();
    assertThat(sent).startsWith("{\"inputs\": [{\"name\": \"picture\"").endsWith("\0".repeat(4000));
  }

  @Test
  void everyDatatypeHasEverySnippet() throws Exception {
    var scripts = new StringBuilder();
    for (var width : List.of(1L, 100L)) {
      for (var type : DataType.values()) {
        var call = call(ModelManifest.EMPTY, tensor("x", type, width));
        scripts.append(Snippets.code(SnippetLanguage.CURL, call));
        scripts.append(Snippets.code(SnippetLanguage.GRPCURL, call));
        assertThat(Snippets.code(SnippetLanguage.JAVA, call)).contains("\"x\", ");
        assertThat(Snippets.code(SnippetLanguage.PYTHON, call)).contains("\"name\": \"x\"");
      }
    }
    Files.writeString(folder.resolve("syntax.sh"), scripts);
    run("bash", "-n", "syntax.sh");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a'b",
        "http://a$(id)",
        "http://a b",
        "http://a/../b",
        "http://user@host",
        "ftp://host",
        "http://",
        "http://host:99999999",
        "http://-oProxyCommand=x"
      })
  void onlyPlainAddressesGetIntoASnippet(String url) {
    assertThat(PlatformUrl.of(url)).isEmpty();
    assertThatThrownBy(() -> new PlatformUrl(url)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost:8080", "https://ml.example.com", "http://[::1]:8080"})
  void plainAddressesStay(String url) {
    assertThat(PlatformUrl.of(url)).hasValueSatisfying(it -> assertThat(it.text()).isEqualTo(url));
  }

  @Test
  void grpcToolsWantAPort() {
    assertThat(new PlatformUrl("https://ml.example.com").target()).isEqualTo("ml.example.com:443");
    assertThat(new PlatformUrl("http://[::1]:8080").target()).isEqualTo("[::1]:8080");
  }

  @Test
  void anUnknownLanguageNamesTheKnownOnes() {
    assertThat(SnippetLanguage.of("Java")).isEqualTo(SnippetLanguage.JAVA);
    assertThatThrownBy(() -> SnippetLanguage.of("cobol"))
        .hasMessageContaining("language: 'cobol' (expected: curl, java, python, grpcurl)");
  }
}
