package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.error.ErrorCode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Request lines that no client library would send. */
public interface OipRequestTargetContract {
  /** Where the server is. */
  OipTarget target();

  private JsonNode refused(String verb, String target) throws IOException {
    String body = verb.equals("POST") ? "{}" : "";
    String key = target().apiKey() == null ? "" : "Authorization: Bearer " + target().apiKey();
    try (var wire = new OipWire(target())) {
      // The second shows that the connection goes on.
      wire.send(
          "%s %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(verb, target, body.length(), body));
      var answer = wire.answer();
      wire.send(
          "GET /v2 HTTP/1.1\r\nHost: a\r\n%sConnection: close\r\n\r\n"
              .formatted(key.isEmpty() ? "" : key + "\r\n"));
      assertThat(wire.answer().status()).as("the next request").isEqualTo(200);
      assertThat(answer.status()).as(answer.head()).isEqualTo(400);
      String head = answer.head().toLowerCase(Locale.ROOT);
      assertThat(head).contains("content-type: application/json\r\n", "millrace-request-id: ");
      return new ObjectMapper().readTree(answer.body());
    }
  }

  @Test
  default void http11RefusesATargetThatIsNoUriAndNamesThePlace() throws IOException {
    for (String malformed :
        List.of(
            "/v2/models/x?x=%zz", "/v2/%zz", "/v2/{m}", "[", "/api/v1/%zz", "/q/%zz", "/v2/\"")) {
      for (String verb : List.of("GET", "POST")) {
        JsonNode error = refused(verb, malformed);
        assertThat(error.path("code").asText()).isEqualTo(ErrorCode.INVALID_ARGUMENT.name());
        assertThat(error.path("error").asText()).contains(malformed, "at index");
        assertThat(error.path("retryable").asBoolean(true)).isFalse();
      }
    }
  }

  @Test
  default void http11RefusesATargetWithoutAPath() throws IOException {
    JsonNode error = refused("GET", "v2");
    assertThat(error.path("code").asText()).isEqualTo(ErrorCode.INVALID_ARGUMENT.name());
    assertThat(error.path("error").asText()).contains("'v2'", "'/'");
  }

  @Test
  default void http11RefusesATargetOfOpenAisRoutesInTheirForm() throws IOException {
    JsonNode error = refused("POST", "/v1/embeddings?x=%zz").path("error");
    assertThat(error.path("code").asText()).isEqualTo(ErrorCode.INVALID_ARGUMENT.name());
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.path("message").asText()).contains("at index 17");
  }
}
