package dev.millrace.registry.snippet;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** REST from a shell. */
final class CurlSnippet {
  private static final String KEY = "# MILLRACE_API_KEY holds a key that may call endpoints.\n";
  private static final String CURL = "curl -sS --fail-with-body ";

  private CurlSnippet() {}

  static String of(EndpointCall call) {
    var text = call.text();
    if (text.isPresent()) {
      return KEY + json(call.baseUrl() + text.get().path(), text.get().body(), "");
    }
    var sample = call.sample();
    var body = sample.body();
    // An answer in binary is not for a terminal.
    var output = sample.binaryOutput() ? " \\\n  --output answer.bin" : "";
    return sample.isJson()
        ? KEY + json(call.inferUrl(), body, output)
        : KEY + binary(call, body, output);
  }

  private static String json(String url, ObjectNode body, String output) {
    return CURL
        + Quotes.shell(url)
        + authorization()
        + " \\\n  -H 'Content-Type: application/json' \\\n  -d "
        + Quotes.shell(body.toString())
        + output
        + "\n";
  }

  /** The large inputs are zeros that follow the JSON part. */
  private static String binary(EndpointCall call, ObjectNode body, String output) {
    var header = body.toString();
    return "{\n  printf '%s' "
        + Quotes.shell(header)
        + "\n  head -c "
        + call.sample().binaryBytes()
        + " /dev/zero  # your data: little-endian, row-major\n} | "
        + CURL
        + Quotes.shell(call.inferUrl())
        + authorization()
        + " \\\n  -H 'Content-Type: application/octet-stream'"
        + " \\\n  -H 'Inference-Header-Content-Length: "
        + header.getBytes(StandardCharsets.UTF_8).length
        + "' \\\n  --data-binary @-"
        + output
        + "\n";
  }

  static String authorization() {
    return " \\\n  -H \"Authorization: Bearer $MILLRACE_API_KEY\"";
  }
}
