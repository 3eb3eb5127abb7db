package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.ControlJson;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runtime behind no gateway: a target that is no URI is refused in the form of all errors. */
@QuarkusTest
class MalformedTargetIT {
  @TestHTTPResource("/")
  URI base;

  @ParameterizedTest
  @ValueSource(strings = {"/v2/health/live?x=%zz", "/%zz", "[", "no-path"})
  void isRefusedWithABody(String target) throws Exception {
    try (var socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: a\r\nmillrace-request-id: mine\r\nConnection: close\r\n\r\n"
                  .formatted(target)
                  .getBytes(StandardCharsets.US_ASCII));
      var reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String answer = String.join("\n", reader.lines().toList());
      assertThat(answer).startsWith("HTTP/1.1 400 ");
      assertThat(answer.toLowerCase(Locale.ROOT))
          .contains("content-type: application/json\n", "millrace-request-id: mine\n");
      var body = ControlJson.lenient().readTree(answer.substring(answer.indexOf('{')));
      assertThat(body.path("code").asText()).isEqualTo("INVALID_ARGUMENT");
      assertThat(body.path("error").asText()).contains("'" + target + "'");
    }
  }
}
