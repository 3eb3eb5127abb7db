package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.e2e.support.ConformanceTarget;
import dev.millrace.e2e.support.PlainHttp;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.Programs;
import dev.millrace.protocol.control.ControlJson;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the platform tells of its own API is true: routes are there, snippets run. */
interface DocumentsContract {
  /** The endpoints whose snippets are run. */
  List<String> ENDPOINTS = List.of("conformance", ConformanceTarget.TYPED);

  /** Serves the endpoints. */
  Platform platform();

  private HttpResponse<String> call(String verb, String path) throws Exception {
    try (var http = PlainHttp.client()) {
      var request =
          HttpRequest.newBuilder(platform().url().resolve(path))
              .header("authorization", "Bearer " + platform().key())
              .header("accept", "application/json")
              .method(verb, BodyPublishers.noBody());
      return http.send(request.build(), BodyHandlers.ofString());
    }
  }

  private JsonNode json(String path) throws Exception {
    var answer = call("GET", path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return ControlJson.lenient().readTree(answer.body());
  }

  @Test
  default void everyRouteOfTheDocumentIsThere() throws Exception {
    var document = json("/q/openapi");

    assertThat(document.at("/paths").size()).isGreaterThan(25);
    for (var path : document.at("/paths").properties()) {
      for (var verb : path.getValue().properties()) {
        if (verb.getKey().equals("parameters")) {
          continue;
        }
        // Named like nothing that exists: whatever a verb does, it does to nothing.
        var filled = path.getKey().replaceAll("\\{[^}]+}", "nobody");
        var answer = call(verb.getKey().toUpperCase(Locale.ROOT), filled);
        assertThat(answer.statusCode()).as("%s %s", verb.getKey(), filled).isNotEqualTo(405);
        assertThat(answer.body())
            .as("%s %s", verb.getKey(), filled)
            .doesNotContain("nothing is at")
            .doesNotContain("there is nothing at");
      }
    }
  }

  @Test
  default void aVerbThatNoRouteTakesIsRefusedWithThoseThatAreTaken() throws Exception {
    for (var path : json("/q/openapi").at("/paths").properties()) {
      var answer = call("LOCK", path.getKey().replaceAll("\\{[^}]+}", "nobody"));
      assertThat(answer.statusCode()).as(path.getKey()).isEqualTo(405);
      assertThat(answer.headers().firstValue("allow").orElse(""))
          .as(path.getKey())
          .contains(firstVerb(path.getValue()));
    }
  }

  private static String firstVerb(JsonNode path) {
    for (var field : path.properties()) {
      if (!field.getKey().equals("parameters")) {
        return field.getKey().toUpperCase(Locale.ROOT);
      }
    }
    throw new AssertionError(path + " has no verb");
  }

  @Test
  default void snippetsRunAsTheyAre(@TempDir Path folder) throws Exception {
    try (var client =
        Millrace.connect(platform().url().toString(), Credentials.apiKey(platform().key()))) {
      for (var endpoint : ENDPOINTS) {
        var document = client.control().snippets(endpoint, "");
        assertThat(document.url()).isEqualTo(platform().url().toString());
        for (var snippet : document.snippets()) {
          assertThat(snippet.code()).doesNotContain(platform().key());
          var printed = run(folder, snippet.language(), snippet.file(), snippet.code());
          assertThat(printed).as("%s of %s", snippet.language(), endpoint).isNotBlank();
        }
      }
    }
  }

  private String run(Path folder, String language, String file, String code) throws Exception {
    if (language.equals("java")) {
      return Programs.java(folder, platform().key(), file, code);
    }
    Files.writeString(folder.resolve(file), code);
    return switch (language) {
      case "curl" -> Programs.run(folder, platform().key(), "sh", file);
      case "python" ->
          Programs.has("python3", "-c", "import requests")
              ? Programs.run(folder, platform().key(), "python3", file)
              : "not run here";
      default ->
          Programs.has("grpcurl", "-version")
              ? Programs.run(folder, platform().key(), "sh", file)
              : "not run here";
    };
  }

  @Test
  default void theEndpointsOwnDocumentHoldsARequestThatWorks() throws Exception {
    for (var endpoint : ENDPOINTS) {
      var document = json("/api/v1/endpoints/" + endpoint + "/openapi");
      var path = "/v2/models/" + endpoint + "/infer";
      assertThat(document.at("/servers/0/url").asText()).isEqualTo(platform().url().toString());
      assertThat(document.path("paths").has(path)).isTrue();
      var sample = document.at("/components/requestBodies/Infer/content/application~1json/example");
      try (var http = PlainHttp.client()) {
        var request =
            HttpRequest.newBuilder(platform().url().resolve(path))
                .header("authorization", "Bearer " + platform().key())
                .POST(BodyPublishers.ofString(sample.toString()));
        var answer = http.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      }
    }
  }
}
