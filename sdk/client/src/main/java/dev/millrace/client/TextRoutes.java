package dev.millrace.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The OpenAI-style routes, over HTTP whatever the transport of tensors is. Thread-safe. */
final class TextRoutes {
  private final HttpConnection http;
  private final Duration timeout;

  TextRoutes(HttpConnection http, Duration timeout) {
    this.http = http;
    this.timeout = timeout;
  }

  Embeddings embeddings(String model, List<String> texts) {
    JsonNode answer =
        post("embeddings", Map.of("model", model, "input", texts, "encoding_format", "base64"));
    var vectors = new ArrayList<float[]>();
    for (JsonNode item : answer.path("data")) {
      vectors.add(vector(item.path("embedding")));
    }
    return new Embeddings(
        answer.path("model").asText(),
        List.copyOf(vectors),
        answer.path("usage").path("prompt_tokens").asLong());
  }

  /** As asked, or as numbers from a server that knows no other form. */
  private static float[] vector(JsonNode embedding) {
    if (embedding.isTextual()) {
      var floats =
          ByteBuffer.wrap(Base64.getDecoder().decode(embedding.asText()))
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer();
      var vector = new float[floats.remaining()];
      floats.get(vector);
      return vector;
    }
    var vector = new float[embedding.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) embedding.get(i).asDouble();
    }
    return vector;
  }

  Ranking rerank(String model, String query, List<String> documents, int most) {
    JsonNode answer =
        post(
            "rerank",
            Map.of("model", model, "query", query, "documents", documents, "top_n", most));
    var results = new ArrayList<Ranking.Result>();
    for (JsonNode item : answer.path("results")) {
      results.add(
          new Ranking.Result(
              item.path("index").asInt(), (float) item.path("relevance_score").asDouble()));
    }
    return new Ranking(answer.path("model").asText(), results, tokens(answer));
  }

  Classifications classify(String model, List<String> texts) {
    JsonNode answer = post("classify", Map.of("model", model, "input", texts));
    var all = new ArrayList<List<Classifications.Label>>();
    for (JsonNode item : answer.path("data")) {
      var labels = new ArrayList<Classifications.Label>();
      for (JsonNode each : item.path("predictions")) {
        labels.add(
            new Classifications.Label(
                each.path("label").asText(), (float) each.path("score").asDouble()));
      }
      all.add(List.copyOf(labels));
    }
    return new Classifications(answer.path("model").asText(), all, tokens(answer));
  }

  private static long tokens(JsonNode answer) {
    return answer.path("usage").path("total_tokens").asLong();
  }

  private JsonNode post(String route, Map<String, Object> fields) {
    byte[] body;
    try {
      body = ControlJson.lenient().writeValueAsBytes(fields);
    } catch (IOException impossible) {
      throw MillraceException.of(ErrorCode.INTERNAL, "texts could not be written as JSON")
          .withCause(impossible);
    }
    HttpRequest request =
        http.request("/v1/" + route)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return ControlClient.read(
        http.call(request, timeout).body(), ControlJson.lenient().constructType(JsonNode.class));
  }
}
