package dev.millrace.benchmarks.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.benchmarks.wire.ServerAddress;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.testkit.onnx.TinyModels;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * Calls endpoints that serve {@link TinyModels#gatherEmbedding} of any width and tells by the
 * answer which width, so which version, answered. Thread-safe; calls block.
 */
public final class LookupCalls implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int OK = 200;
  private static final int EXCERPT = 200;
  private static final int[] IDS = {1, 2, 3};
  private static final String BODY =
      "{\"inputs\":[{\"name\":\"ids\",\"shape\":[1,3],\"datatype\":\"INT64\",\"data\":[1,2,3]}]}";

  private final ServerAddress address;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** For the server at this address. */
  public LookupCalls(ServerAddress address) {
    this.address = address;
  }

  /**
   * How a call ended.
   *
   * @param status of HTTP
   * @param width numbers in each row of the answer, all of them right; 0 when the status is not
   *     200; -1 when the answer is wrong
   * @param text the answer, cut
   */
  public record Outcome(int status, int width, String text) {
    /** Whether it is the right answer of a model of this width. */
    public boolean isFrom(int wanted) {
      return status == OK && width == wanted;
    }

    /** Whether it is the right answer of any width. */
    public boolean right() {
      return status == OK && width > 0;
    }

    @Override
    public String toString() {
      return "HTTP " + status + (width < 0 ? ", a wrong answer: " : ": ") + text;
    }
  }

  /**
   * Asks an endpoint for three rows.
   *
   * @throws IOException when there is no answer
   */
  public Outcome call(String endpoint) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(address.http().resolve("/v2/models/" + endpoint + "/infer"))
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(BODY));
    if (address.key() != null) {
      request.header("Authorization", "Bearer " + address.key());
    }
    var response = client.send(request.build(), BodyHandlers.ofString());
    String text = response.body();
    return new Outcome(
        response.statusCode(),
        response.statusCode() == OK ? width(text) : 0,
        text.substring(0, Math.min(text.length(), EXCERPT)));
  }

  /** Numbers in each row when all are right; else -1. */
  static int width(String answer) throws IOException {
    JsonNode data = ControlJson.lenient().readTree(answer).path("outputs").path(0).path("data");
    int width = data.size() / IDS.length;
    if (width == 0 || width * IDS.length != data.size()) {
      return -1;
    }
    for (int i = 0; i < data.size(); i++) {
      if (data.path(i).asDouble() != IDS[i / width] * width + i % width) {
        return -1;
      }
    }
    return width;
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
