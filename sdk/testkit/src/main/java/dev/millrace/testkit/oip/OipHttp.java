package dev.millrace.testkit.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.protocol.error.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Calls of the REST side, and what every answer must look like. Safe to share. */
final class OipHttp {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private final OipTarget target;
  private final @Nullable String key;

  OipHttp(OipTarget target) {
    this(target, target.apiKey());
  }

  OipHttp(OipTarget target, @Nullable String key) {
    this.target = target;
    this.key = key;
  }

  Answer get(String path) {
    return send("GET", path, new byte[0], Map.of());
  }

  Answer post(String path, String json) {
    return send("POST", path, json.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  Answer infer(String json) {
    return post(target.model("/infer"), json);
  }

  /** Spaces without a {@code Content-Length}. */
  Answer sendChunked(String path, long bytes) {
    byte[] chunk = " ".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
    long chunks = (bytes + chunk.length - 1) / chunk.length;
    Iterable<byte[]> body = () -> Stream.generate(() -> chunk).limit(chunks).iterator();
    return send("POST", path, BodyPublishers.ofByteArrays(body), Map.of());
  }

  Answer send(String verb, String path, byte[] body, Map<String, String> headers) {
    return send(
        verb,
        path,
        body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body),
        headers);
  }

  private Answer send(String verb, String path, BodyPublisher body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target.baseUrl().resolve(path))
            .timeout(Duration.ofSeconds(60))
            .method(verb, body);
    if (key != null) {
      request.header("Authorization", "Bearer " + key);
    }
    headers.forEach(request::header);
    try {
      var response = CLIENT.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (IOException failure) {
      throw new UncheckedIOException(verb + " " + path, failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  /** One answer, read to its end. */
  record Answer(int status, HttpHeaders headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException malformed) {
        throw new UncheckedIOException("not JSON: " + text(), malformed);
      }
    }

    /** The JSON of a success. */
    JsonNode ok() {
      assertThat(status).as("status of the answer %s", text()).isEqualTo(200);
      assertThat(header("Content-Type")).isEqualTo("application/json");
      return json();
    }

    /** Checks that this is the protocol's error of that code, and returns its sentence. */
    String error(ErrorCode code) {
      assertThat(status).as("status of the answer %s", text()).isEqualTo(code.httpStatus());
      assertThat(header("Content-Type")).isEqualTo("application/json");
      JsonNode body = json();
      assertThat(body.path("code").asText()).isEqualTo(code.name());
      assertThat(body.path("retryable").isBoolean()).as("'retryable' is a boolean").isTrue();
      assertThat(body.path("retryable").asBoolean()).isEqualTo(code.retryable());
      assertThat(body.path("error").asText()).as("a sentence").hasSizeGreaterThan(5);
      return body.path("error").asText();
    }
  }
}
