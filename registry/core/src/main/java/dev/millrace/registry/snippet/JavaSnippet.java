package dev.millrace.registry.snippet;

import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import dev.millrace.registry.sample.SampleTensor;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Java with the Millrace client; one file that {@code java} runs as it is. */
final class JavaSnippet {
  private static final String HEAD =
      """

      /**
       * Needs dev.millrace:millrace-client, and in the environment variable MILLRACE_API_KEY a key
       * that may call endpoints.
       */
      public class CallEndpoint {
        public static void main(String[] args) {
          var key = Credentials.apiKey(System.getenv("MILLRACE_API_KEY"));
      """;

  private JavaSnippet() {}

  static String of(EndpointCall call) {
    var imports = new TreeSet<String>();
    imports.add("dev.millrace.client.Credentials");
    imports.add("dev.millrace.client.Millrace");
    var body =
        call.text().map(text -> text(call, text, imports)).orElseGet(() -> infer(call, imports));
    return imports.stream().map(it -> "import " + it + ";\n").collect(Collectors.joining())
        + HEAD
        + "    try (var millrace = Millrace.connect(\""
        + call.baseUrl()
        + "\", key)) {\n"
        + body
        + "    }\n  }\n}\n";
  }

  private static String text(EndpointCall call, TextCall text, Set<String> imports) {
    imports.add("java.util.List");
    var endpoint = "\"" + call.endpoint() + "\"";
    var one = "List.of(" + Quotes.java(TextCall.TEXT) + ")";
    return switch (text.task()) {
      case EMBEDDING -> {
        imports.add("java.util.Arrays");
        yield "      var texts = "
            + one
            + ";\n      var embeddings = millrace.embeddings("
            + endpoint
            + ", texts);\n"
            + "      System.out.println(Arrays.toString(embeddings.vectors().get(0)));\n";
      }
      case RERANK ->
          "      var documents =\n          List.of("
              + TextCall.DOCUMENTS.stream()
                  .map(it -> "\n              " + Quotes.java(it))
                  .collect(Collectors.joining(","))
              + ");\n      var ranking = millrace.rerank("
              + endpoint
              + ", "
              + Quotes.java(TextCall.QUERY)
              + ", documents, documents.size());\n"
              + "      System.out.println(ranking.results());\n";
      case CLASSIFICATION ->
          "      var texts = "
              + one
              + ";\n      var labels = millrace.classify("
              + endpoint
              + ", texts);\n      System.out.println(labels.texts().get(0));\n";
    };
  }

  private static String infer(EndpointCall call, Set<String> imports) {
    var code = new StringBuilder();
    code.append("      var result =\n          millrace\n              .endpoint(\"");
    code.append(call.endpoint()).append("\")\n              .infer(");
    var comma = "";
    for (var input : call.sample().inputs()) {
      code.append(comma).append("\n                  ").append(tensor(input, imports));
      comma = ",";
    }
    code.append(");\n");
    for (var output : call.signature().outputs()) {
      code.append("      System.out.println(").append(show(output, imports)).append(");\n");
    }
    return code.toString();
  }

  private static String tensor(SampleTensor input, Set<String> imports) {
    var factory = factory(input.datatype());
    var shape = input.shape().stream().map(Object::toString).collect(Collectors.joining(", "));
    if (factory.isEmpty()) {
      imports.add("dev.millrace.protocol.tensor.DataType");
      imports.add("dev.millrace.protocol.tensor.Tensor");
      imports.add("java.nio.ByteBuffer");
      return "new Tensor(%s, DataType.%s, new long[] {%s}, ByteBuffer.allocate(%d))"
          .formatted(Quotes.java(input.name()), input.datatype(), shape, input.byteSize());
    }
    imports.add("dev.millrace.protocol.tensor.Tensors");
    var values = input.datatype() == DataType.BYTES ? strings(input, imports) : numbers(input);
    return "Tensors.%s(%s, %s%s)"
        .formatted(factory, Quotes.java(input.name()), values, shape.isEmpty() ? "" : ", " + shape);
  }

  /** What makes a tensor of that datatype from Java values; empty when they have no such values. */
  private static String factory(DataType type) {
    return switch (type) {
      case BOOL -> "bool";
      case INT8 -> "int8";
      case UINT8 -> "uint8";
      case INT16 -> "int16";
      case INT32 -> "int32";
      case INT64 -> "int64";
      case FP32 -> "float32";
      case FP64 -> "float64";
      case BYTES -> "strings";
      case UINT16, UINT32, UINT64, FP16, BF16 -> "";
    };
  }

  private static String strings(SampleTensor input, Set<String> imports) {
    imports.add("java.util.List");
    return input.values().stream()
        .map(value -> Quotes.java(value.toString()))
        .collect(Collectors.joining(", ", "List.of(", ")"));
  }

  private static String numbers(SampleTensor input) {
    var element =
        switch (input.datatype()) {
          case BOOL -> "boolean";
          case INT8, UINT8 -> "byte";
          case INT16 -> "short";
          case INT32 -> "int";
          case INT64 -> "long";
          case FP32 -> "float";
          default -> "double";
        };
    if (!input.listed()) {
      return "new %s[%d]".formatted(element, input.count());
    }
    var suffix = input.datatype() == DataType.FP32 ? "f" : "";
    return input.values().stream()
        .map(value -> value + suffix)
        .collect(Collectors.joining(", ", "new " + element + "[] {", "}"));
  }

  private static String show(TensorSignature output, Set<String> imports) {
    var name = Quotes.java(output.name());
    return switch (output.datatype()) {
      case FP32 -> {
        imports.add("dev.millrace.protocol.tensor.Tensors");
        imports.add("java.util.Arrays");
        yield "Arrays.toString(Tensors.floatArray(result.output(" + name + ")))";
      }
      case INT64 -> {
        imports.add("dev.millrace.protocol.tensor.Tensors");
        imports.add("java.util.Arrays");
        yield "Arrays.toString(Tensors.longArray(result.output(" + name + ")))";
      }
      case BYTES -> "result.strings(" + name + ")";
      default -> "result.output(" + name + ")";
    };
  }
}
