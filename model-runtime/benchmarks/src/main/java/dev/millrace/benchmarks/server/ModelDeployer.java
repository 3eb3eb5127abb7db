package dev.millrace.benchmarks.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.benchmarks.wire.ServerAddress;
import dev.millrace.protocol.control.ControlJson;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What a platform is told through its control API: versions come, endpoints move, go back and go
 * away. Thread-safe; calls block.
 */
public final class ModelDeployer implements AutoCloseable {
  private static final Duration READY_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration CALL_TIMEOUT = Duration.ofMinutes(1);
  private static final long POLL_MILLIS = 100;
  private static final int HTTP_OK = 200;
  private static final int HTTP_ERRORS = 400;

  private final ServerAddress address;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** For the platform at this address. */
  public ModelDeployer(ServerAddress address) {
    this.address = address;
  }

  /**
   * Uploads a version of {@code model} and makes it serve under the same name.
   *
   * @param serving what the endpoint asks for; empty for defaults
   */
  public void deploy(String model, Path file, Map<String, Object> serving)
      throws IOException, InterruptedException {
    int version = upload(model, file);
    serve(model, version, serving);
    awaitReady(model, version);
  }

  /** Uploads a version; returns its number, of an earlier one when the file is the same. */
  public int upload(String model, Path file) throws IOException, InterruptedException {
    String body =
        expectSuccess(
            send("POST", "/api/v1/models/" + model + "/versions", BodyPublishers.ofFile(file)));
    return ControlJson.lenient().readTree(body).path("version").asInt();
  }

  /**
   * What the platform answered.
   *
   * @param status of HTTP
   * @param body its JSON
   */
  public record Reply(int status, JsonNode body) {
    /** Whether it did what was asked. */
    public boolean success() {
      return status < HTTP_ERRORS;
    }
  }

  /** Uploads a version that may be refused. */
  public Reply offer(String model, byte[] onnx) throws IOException, InterruptedException {
    return reply(
        send("POST", "/api/v1/models/" + model + "/versions", BodyPublishers.ofByteArray(onnx)));
  }

  /** One version as it is now. */
  public Reply version(String model, int version) throws IOException, InterruptedException {
    return reply(get("/api/v1/models/" + model + "/versions/" + version));
  }

  private static Reply reply(HttpResponse<String> response) throws IOException {
    return new Reply(response.statusCode(), ControlJson.lenient().readTree(response.body()));
  }

  /** Points the endpoint of the model's name to a version; does not wait. */
  public void serve(String model, int version, Map<String, Object> serving)
      throws IOException, InterruptedException {
    Map<String, Object> spec = new HashMap<>();
    spec.put("model", model);
    spec.put("version", version);
    if (!serving.isEmpty()) {
      spec.put("serving", serving);
    }
    String body = ControlJson.strict().writeValueAsString(spec);
    expectSuccess(send("PUT", "/api/v1/endpoints/" + model, BodyPublishers.ofString(body)));
  }

  /** Waits until the endpoint answers. */
  public void awaitReady(String model, int version) throws IOException, InterruptedException {
    String versionPath = "/api/v1/models/" + model + "/versions/" + version;
    long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
    while (get("/v2/models/" + model + "/ready").statusCode() != HTTP_OK) {
      JsonNode document = ControlJson.lenient().readTree(get(versionPath).body());
      if ("REJECTED".equals(document.path("state").asText())) {
        throw new IOException(model + " was rejected: " + document.path("reason").asText());
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            model
                + " was not ready in a minute; its status: "
                + get("/api/v1/endpoints/" + model + "/status").body());
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** Makes the endpoint what it was before its last change; does not wait. */
  public void revert(String endpoint) throws IOException, InterruptedException {
    expectSuccess(
        send("POST", "/api/v1/endpoints/" + endpoint + ":revert", BodyPublishers.noBody()));
  }

  /** Deletes an endpoint; does not wait. */
  public void delete(String endpoint) throws IOException, InterruptedException {
    expectSuccess(send("DELETE", "/api/v1/endpoints/" + endpoint, BodyPublishers.noBody()));
  }

  /** Deletes a version that no endpoint serves. */
  public void deleteVersion(String model, int version) throws IOException, InterruptedException {
    expectSuccess(
        send(
            "DELETE", "/api/v1/models/" + model + "/versions/" + version, BodyPublishers.noBody()));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send("GET", path, BodyPublishers.noBody());
  }

  private HttpResponse<String> send(String method, String path, BodyPublisher body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(address.http().resolve(path))
            .timeout(CALL_TIMEOUT)
            .header(
                "Content-Type",
                path.endsWith("/versions") ? "application/octet-stream" : "application/json")
            .method(method, body);
    if (address.key() != null) {
      request.header("Authorization", "Bearer " + address.key());
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static String expectSuccess(HttpResponse<String> response) throws IOException {
    if (response.statusCode() >= HTTP_ERRORS) {
      throw new IOException(
          response.request().method()
              + " "
              + response.uri().getPath()
              + " answered "
              + response.statusCode()
              + ": "
              + response.body());
    }
    return response.body();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
