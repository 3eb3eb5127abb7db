package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.registry.sample.SampleRequest;
import dev.millrace.registry.snippet.EndpointCall;
import dev.millrace.registry.snippet.PlatformUrl;
import dev.millrace.registry.snippet.SnippetLanguage;
import dev.millrace.registry.snippet.Snippets;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java snippet compiles against the client for every datatype, small and large. */
class SnippetsCompileTest {
  private static TensorSignature tensor(String name, DataType type, long width) {
    return new TensorSignature(
        name, type, List.of(Dimension.symbolic("batch"), Dimension.fixed(width)), 0);
  }

  private static ModelManifest manifest(String task) {
    return new ModelManifest(task, "tokenizer.json", null, null, null, null, null, null, null);
  }

  private static String snippet(String task, List<TensorSignature> tensors) {
    var signature = new Signature(tensors, tensors);
    return Snippets.code(
        SnippetLanguage.JAVA,
        new EndpointCall(
            new PlatformUrl("http://127.0.0.1:8080"),
            "typed",
            manifest(task),
            signature,
            SampleRequest.of(signature, 8)));
  }

  private static void compile(Path folder, String code) throws Exception {
    var file =
        new SimpleJavaFileObject(
            URI.create("string:///CallEndpoint.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    var messages = new StringWriter();
    var options = List.of("-proc:none", "-Xlint:all", "-d", folder.toString());
    var compiler = ToolProvider.getSystemJavaCompiler();
    assertThat(compiler.getTask(messages, null, null, options, null, List.of(file)).call())
        .as(messages + "\n" + code)
        .isTrue();
  }

  @Test
  void compilesForEveryDatatype(@TempDir Path folder) throws Exception {
    var tensors = new ArrayList<TensorSignature>();
    for (var type : DataType.values()) {
      tensors.add(tensor("small " + type, type, 2));
      tensors.add(tensor("large " + type, type, 1000));
    }
    tensors.add(new TensorSignature("scalar", DataType.INT64, List.of(), null));
    tensors.add(tensor("\"; \\u0022 \\ \n\r\t\u0000\u2028é%s", DataType.FP32, 1));
    compile(folder, snippet("tensor", tensors));
    for (var task : List.of("embedding", "rerank", "classification")) {
      compile(folder, snippet(task, tensors));
    }
  }
}
