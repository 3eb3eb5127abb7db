package dev.millrace.registry.snippet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Python with requests, the library that everybody has. */
final class PythonSnippet {
  private static final String FAILURE =
      """
      if not response.ok:
          raise SystemExit(f"{response.status_code}: {response.text}")
      """;

  private static final String LISTED_OUTPUTS =
      """
      for output in response.json()["outputs"]:
          print(output["name"], output["shape"], output["data"])
      """;

  /** The JSON part says what is there; binary outputs follow it in the same order. */
  private static final String DESCRIBED_OUTPUTS =
      """
      length = int(response.headers.get("Inference-Header-Content-Length", len(response.content)))
      for output in json.loads(response.content[:length])["outputs"]:
          print(output["name"], output["datatype"], output["shape"])
      """;

  private PythonSnippet() {}

  static String of(EndpointCall call) {
    var text = call.text();
    if (text.isPresent()) {
      return imports("os", "requests")
          + "request = "
          + python(text.get().body())
          + "\n"
          + post(call.baseUrl() + text.get().path(), "", "json=request")
          + "print(response.json()"
          + text.get().answer()
          + ")\n";
    }
    var sample = call.sample();
    return sample.isJson() && !sample.binaryOutput() ? json(call) : binary(call);
  }

  private static String json(EndpointCall call) {
    return imports("os", "requests")
        + request(call.sample().body())
        + post(call.inferUrl(), "", "json=request")
        + LISTED_OUTPUTS;
  }

  private static String binary(EndpointCall call) {
    var zeros = call.sample().binaryBytes();
    return imports("json", "os", "requests")
        + request(call.sample().body())
        + "header = json.dumps(request).encode()\n"
        + (zeros == 0
            ? "data = b\"\"\n"
            : "data = bytes(" + zeros + ")  # your data: little-endian, row-major\n")
        + post(
            call.inferUrl(),
            "        \"Inference-Header-Content-Length\": str(len(header)),\n",
            "data=header + data")
        + DESCRIBED_OUTPUTS;
  }

  private static String imports(String... modules) {
    var imports = new StringBuilder("# pip install requests\n");
    for (var module : modules) {
      imports.append("import ").append(module).append('\n');
    }
    return imports.append('\n').toString();
  }

  private static String request(ObjectNode body) {
    var inputs =
        StreamSupport.stream(body.get("inputs").spliterator(), false)
            .map(input -> "        " + python(input) + ",\n")
            .collect(Collectors.joining());
    var parameters = body.get("parameters");
    return "request = {\n"
        + (parameters == null ? "" : "    \"parameters\": " + python(parameters) + ",\n")
        + "    \"inputs\": [\n"
        + inputs
        + "    ],\n}\n";
  }

  private static String post(String url, String header, String body) {
    return "response = requests.post(\n    \""
        + url
        + "\",\n    headers={\n"
        + "        \"Authorization\": \"Bearer \" + os.environ[\"MILLRACE_API_KEY\"],\n"
        + header
        + "    },\n    "
        + body
        + ",\n    timeout=30,\n)\n"
        + FAILURE;
  }

  /** JSON is Python but for the truths; strings are quoted the same way. */
  private static String python(JsonNode node) {
    if (node.isBoolean()) {
      return node.booleanValue() ? "True" : "False";
    }
    if (node.isArray()) {
      return StreamSupport.stream(node.spliterator(), false)
          .map(PythonSnippet::python)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    if (node.isObject()) {
      return node.properties().stream()
          .map(it -> TextNode.valueOf(it.getKey()) + ": " + python(it.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return node.toString();
  }
}
