package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.Credentials;
import dev.millrace.client.Millrace;
import dev.millrace.client.UploadListener;
import dev.millrace.e2e.support.PlainHttp;
import dev.millrace.e2e.support.Platform;
import dev.millrace.e2e.support.RawHttp;
import dev.millrace.e2e.support.Rollouts;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.testkit.onnx.TinyModels;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Uploads and documents that are wrong: each is refused, and nothing of it is to be seen. */
interface BadUploadsContract {
  Platform platform();

  private HttpResponse<String> call(String method, String path, byte[] body, String... headers)
      throws Exception {
    try (var http = PlainHttp.client()) {
      var request =
          HttpRequest.newBuilder(platform().url().resolve("/api/v1" + path))
              .header("authorization", "Bearer " + platform().key())
              .header("content-type", "application/json")
              .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
      if (headers.length > 0) {
        request.headers(headers);
      }
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private void refused(HttpResponse<String> answer, ErrorCode code, String... words) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code.httpStatus());
    assertThat(answer.headers().allValues("content-type")).containsExactly("application/json");
    assertThat(answer.headers().allValues("millrace-request-id")).hasSize(1);
    for (String word : words) {
      assertThat(answer.body()).contains(word);
    }
    assertThat(answer.body())
        .contains("\"code\":\"" + code + "\"")
        .doesNotContain("\tat ")
        .doesNotContain("Exception");
  }

  private void absent(String model) throws Exception {
    refused(call("GET", "/models/" + model, new byte[0]), ErrorCode.NOT_FOUND, model);
  }

  @Test
  default void filesThatAreNoModelAreRefused() throws Exception {
    byte[] model = TinyModels.linear(4, 3);
    var wrong =
        List.of(
            new byte[0],
            TinyModels.notOnnx(),
            Arrays.copyOf(model, model.length / 2),
            Arrays.copyOf(model, model.length + 3),
            new byte[10_240],
            "PK\u0003\u0004 a zip".getBytes(StandardCharsets.ISO_8859_1),
            "<html><body>log in first</body></html>".getBytes(StandardCharsets.US_ASCII));
    for (byte[] file : wrong) {
      refused(call("POST", "/models/no-model/versions", file), ErrorCode.INVALID_ARGUMENT);
    }
    absent("no-model");
  }

  @Test
  default void aDigestThatLiesKeepsTheUploadOut() throws Exception {
    byte[] model = TinyModels.linear(7, 3);
    String other = digest(TinyModels.linear(7, 2));

    for (String header : List.of(other, "nonsense", "sha-256=:YWJj:", "sha-512=:YWJj:")) {
      refused(
          call("POST", "/models/lied/versions", model, "repr-digest", header),
          ErrorCode.INVALID_ARGUMENT,
          "digest");
    }
    absent("lied");

    assertThat(
            call("POST", "/models/told/versions", model, "repr-digest", digest(model)).statusCode())
        .isEqualTo(201);
    assertThat(call("POST", "/models/told/versions", model).statusCode())
        .as("the same content again")
        .isEqualTo(200);
  }

  private static String digest(byte[] bytes) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
    return "sha-256=:" + Base64.getEncoder().encodeToString(hash) + ":";
  }

  @Test
  default void anUploadThatBreaksOffLeavesNothing() throws Exception {
    String head =
        "POST /api/v1/models/broken-off/versions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + platform().key()
            + "\r\nContent-Length: 5000\r\n\r\n";

    RawHttp.exchange(platform().url(), head + "the beginning of a model", true);

    absent("broken-off");
  }

  @Test
  default void anUploadOverTheLimitIsRefusedBeforeItIsSent() throws Exception {
    String head =
        "POST /api/v1/models/huge/versions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + platform().key()
            + "\r\nContent-Length: 99999999999\r\n";

    for (String request : List.of(head + "\r\n", head + "Expect: 100-continue\r\n\r\n")) {
      assertThat(RawHttp.headOf(platform().url(), request))
          .startsWith("HTTP/1.1 413")
          .containsIgnoringCase("connection: close");
    }
    absent("huge");
  }

  @Test
  default void anUploadIsAskedForOnlyFromWhoMaySendIt() throws Exception {
    String head =
        "POST /api/v1/models/asked/versions HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n"
            + "Expect: 100-continue\r\nAuthorization: Bearer ";

    assertThat(RawHttp.headOf(platform().url(), head + "mr_no_body\r\n\r\n"))
        .startsWith("HTTP/1.1 401");
    assertThat(RawHttp.headOf(platform().url(), head + platform().key() + "\r\n\r\n"))
        .startsWith("HTTP/1.1 100");
    absent("asked");
  }

  @Test
  default void aLargeUploadThroughTheClientWaitsToBeAskedAndArrives() throws Exception {
    var file = Files.createTempFile("large", ".onnx");
    try (var client =
        Millrace.connect(platform().url().toString(), Credentials.apiKey(platform().key()))) {
      // 700 x 700 weights: about 2 MB, more than is sent unasked.
      Files.write(file, TinyModels.linear(700, 700));
      var version = client.control().uploadVersion("large", file, UploadListener.NONE);
      assertThat(version.version()).isEqualTo(1);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  default void aModelThatFailsToLoadIsRejectedWithTheReason() throws Exception {
    var file = Files.createTempFile("rejected", ".onnx");
    try (var client =
        Millrace.connect(platform().url().toString(), Credentials.apiKey(platform().key()))) {
      Files.write(file, TinyModels.brokenGraph());
      client.control().uploadVersion("rejected", file, UploadListener.NONE);
      assertThat(Rollouts.awaitRejected(client, "rejected", 1).reason())
          .contains("NoSuchOperator")
          .doesNotContain("\tat ");
      assertThat(client.endpoint("typed").ready()).isTrue();
    } finally {
      Files.delete(file);
    }
  }

  @Test
  default void documentsThatAreWrongNameTheField() throws Exception {
    var wrong =
        List.of(
            "",
            "null",
            "[]",
            "{",
            "{\"model\":",
            "{\"model\":\"typed\",\"model\":\"typed\",\"version\":1}",
            "{\"modle\":\"typed\",\"version\":1}",
            "{\"model\":\"typed\",\"version\":\"first\"}",
            "{\"model\":\"typed\",\"version\":-1}",
            "{\"model\":\"typed\",\"version\":99999999999}",
            "{\"model\":\"typed\"}",
            "{\"model\":\"typed\",\"traffic\":[{\"version\":1,\"weight\":50}]}",
            "{\"model\":\"Not A Name\",\"version\":1}",
            "[".repeat(50_000));
    for (String document : wrong) {
      refused(
          call("PUT", "/endpoints/wrong", document.getBytes(StandardCharsets.UTF_8)),
          ErrorCode.INVALID_ARGUMENT);
    }
    refused(
        call("PUT", "/endpoints/wrong", new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'}),
        ErrorCode.INVALID_ARGUMENT);
    refused(
        call("PUT", "/endpoints/wrong", " ".repeat((1 << 20) + 1).getBytes(StandardCharsets.UTF_8)),
        ErrorCode.PAYLOAD_TOO_LARGE,
        "1048576");
    refused(
        call("GET", "/models?pageSize=many", new byte[0]), ErrorCode.INVALID_ARGUMENT, "/models");
    refused(call("GET", "/endpoints/wrong", new byte[0]), ErrorCode.NOT_FOUND, "wrong");
  }
}
