package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.testkit.onnx.TinyModels;
import dev.millrace.testkit.onnx.TinyTextModels;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Rerank, classify and tokenize with the tokenizer of a real model. The cross-encoder and the
 * classifier are small graphs whose numbers can be computed; the bi-encoder is the real model.
 */
@QuarkusTest
class TextRoutesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final float CLOSE = 1e-5f;
  private static final String QUERY = "What turns the wheel of a mill?";
  private static final List<String> DOCUMENTS =
      List.of(
          "Bananas are yellow.",
          "The river turns the wheel.",
          "word ".repeat(400),
          "A mill race carries water to the wheel of a mill.");

  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;

  @TestHTTPResource("/")
  URI base;

  private byte[] onnx;
  private byte[] tokenizer;
  private RuntimeCaller caller;
  private SentenceReference reference;

  @BeforeEach
  void open() throws Exception {
    caller = new RuntimeCaller(base, ports.grpc());
    onnx = resource("/all-minilm-l6-v2.onnx");
    tokenizer = resource("/all-minilm-l6-v2-tokenizer.json");
    reference = new SentenceReference(onnx, tokenizer);
  }

  @AfterEach
  void close() throws Exception {
    caller.close();
    reference.close();
  }

  @Test
  void aCrossEncoderReadsQueryAndDocumentTogether() throws Exception {
    VersionKey ranker = deploy("ranker", "rerank", TinyTextModels.crossEncoder(), Map.of());
    var expected = new ArrayList<Double>();
    long tokens = 0;
    for (String document : DOCUMENTS) {
      var pair = reference.pair(QUERY, document);
      double logit = TinyTextModels.crossEncoderLogit(pair.getIds(), pair.getTypeIds());
      expected.add(1 / (1 + Math.exp(-logit)));
      tokens += pair.getIds().length;
    }

    JsonNode answer =
        json(call(ranker, "rerank", Map.of("query", QUERY, "documents", DOCUMENTS)), 200);

    assertThat(answer.path("results").size()).isEqualTo(4);
    double before = 1;
    for (JsonNode result : answer.path("results")) {
      double score = result.path("relevance_score").asDouble();
      assertThat(score).isCloseTo(expected.get(result.path("index").asInt()), within(1e-5));
      assertThat(score).isLessThanOrEqualTo(before);
      assertThat(result.has("document")).isFalse();
      before = score;
    }
    assertThat(answer.at("/usage/total_tokens").asLong()).isEqualTo(tokens);
    assertThat(answer.path("model").asText()).isEqualTo("ranker");
  }

  @Test
  void aModelOfEmbeddingsRanksByCosine() throws Exception {
    VersionKey minilm = deploy("minilm", "embedding", onnx, Map.of());

    JsonNode answer =
        json(
            call(
                minilm,
                "rerank",
                Map.of(
                    "query",
                    QUERY,
                    "documents",
                    List.of(DOCUMENTS.get(0), Map.of("text", DOCUMENTS.get(3))),
                    "top_n",
                    1,
                    "return_documents",
                    true)),
            200);

    float[] query = reference.embedding(QUERY);
    float[] best = reference.embedding(DOCUMENTS.get(3));
    double cosine = 0;
    for (int i = 0; i < query.length; i++) {
      cosine += (double) query[i] * best[i];
    }
    assertThat(answer.path("results").size()).isEqualTo(1);
    JsonNode first = answer.at("/results/0");
    assertThat(first.path("index").asInt()).isEqualTo(1);
    assertThat((float) first.path("relevance_score").asDouble())
        .isCloseTo((float) cosine, within(CLOSE));
    assertThat(first.at("/document/text").asText()).isEqualTo(DOCUMENTS.get(3));
    assertThat(answer.at("/usage/total_tokens").asInt())
        .isEqualTo(
            reference.tokens(QUERY)
                + reference.tokens(DOCUMENTS.get(0))
                + reference.tokens(DOCUMENTS.get(3)));
  }

  @Test
  void classifiesByTheLabelsOfTheBundle() throws Exception {
    VersionKey sorter =
        deploy(
            "sorter", "classification", TinyTextModels.classifier(3), Map.of("labels.txt", LABELS));
    String text = "The river turns the wheel.";
    float[] logits = TinyTextModels.classifierLogits(reference.encoding(text).getIds(), 3);
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }

    JsonNode answer = json(call(sorter, "classify", Map.of("input", List.of("short", text))), 200);

    JsonNode second = answer.at("/data/1");
    assertThat(second.path("index").asInt()).isEqualTo(1);
    assertThat(second.path("num_classes").asInt()).isEqualTo(3);
    assertThat(second.path("label").asText()).isEqualTo(second.at("/predictions/0/label").asText());
    assertThat(second.path("predictions").size()).isEqualTo(3);
    for (int label = 0; label < 3; label++) {
      assertThat((float) second.path("probs").get(label).asDouble())
          .isCloseTo((float) (Math.exp(logits[label]) / sum), within(CLOSE));
    }
    assertThat(answer.at("/usage/prompt_tokens").asInt())
        .isEqualTo(reference.tokens("short") + reference.tokens(text));

    JsonNode likeliest =
        json(call(sorter, "classify", Map.of("inputs", text, "top_k", 1, "raw_scores", true)), 200);
    assertThat(likeliest.at("/data/0/predictions").size()).isEqualTo(1);
    assertThat(likeliest.at("/data/0").has("probs")).isFalse();
    assertThat((float) likeliest.at("/data/0/predictions/0/score").asDouble())
        .isCloseTo(Math.max(logits[0], Math.max(logits[1], logits[2])), within(CLOSE));

    long[] pair = reference.pair("a mill", "a wheel").getIds();
    JsonNode paired =
        json(
            call(
                sorter,
                "classify",
                Map.of("input", List.of(List.of("a mill", "a wheel")), "raw_scores", true)),
            200);
    assertThat((float) paired.at("/data/0/probs/2").asDouble())
        .isCloseTo(TinyTextModels.classifierLogits(pair, 3)[2], within(CLOSE));
  }

  @Test
  void manyTextsKeepTheirOrder() throws Exception {
    VersionKey sorter = deploy("sorter2", "classification", TinyTextModels.classifier(2), Map.of());
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      texts.add("mill ".repeat(i * 7 % 11 + 1) + i);
    }

    JsonNode answer =
        json(call(sorter, "classify", Map.of("input", texts, "raw_scores", true)), 200);

    for (int i = 0; i < texts.size(); i++) {
      float[] logits =
          TinyTextModels.classifierLogits(reference.encoding(texts.get(i)).getIds(), 2);
      assertThat((float) answer.at("/data/" + i + "/probs/1").asDouble())
          .isCloseTo(logits[1], within(CLOSE));
    }
    assertThat(answer.at("/data/0/predictions/0/label").asText()).startsWith("LABEL_");
    assertThat(
            json(
                    call(
                        sorter,
                        "classify",
                        Map.of("input", java.util.Collections.nCopies(2_049, "x"))),
                    400)
                .at("/error/message")
                .asText())
        .contains("2049", "at most 2048");
  }

  @Test
  void countsTokensWithoutCutting() throws Exception {
    VersionKey ranker = deploy("ranker", "rerank", TinyTextModels.crossEncoder(), Map.of());

    JsonNode one =
        json(
            call(ranker, "tokenize", Map.of("prompt", "a mill race", "return_token_strs", true)),
            200);
    assertThat(one.path("tokens").toString()).isEqualTo("[101,1037,4971,2679,102]");
    assertThat(one.path("token_strs").toString())
        .isEqualTo("[\"[CLS]\",\"a\",\"mill\",\"race\",\"[SEP]\"]");
    assertThat(one.path("count").asInt()).isEqualTo(5);
    assertThat(one.path("max_model_len").asInt()).isEqualTo(256);

    JsonNode many =
        json(
            call(
                ranker,
                "tokenize",
                Map.of("input", List.of("a", "word ".repeat(400)), "add_special_tokens", false)),
            200);
    assertThat(many.at("/data/1/count").asInt()).isEqualTo(400);
    assertThat(many.path("count").asInt()).isEqualTo(401);
  }

  @Test
  void textThatIsTooLongIsCutOrRefusedAsWanted() throws Exception {
    VersionKey ranker = deploy("ranker", "rerank", TinyTextModels.crossEncoder(), Map.of());
    VersionKey minilm = deploy("minilm", "embedding", onnx, Map.of());
    String words = "word ".repeat(400);

    for (Object no : List.of(false, "NONE")) {
      JsonNode error =
          json(
                  call(minilm, "embeddings", Map.of("input", List.of("a", words), "truncate", no)),
                  400)
              .path("error");
      assertThat(error.path("message").asText())
          .isEqualTo("input[1] has 402 tokens (expected: at most 256, or \"truncate\": true)");
      assertThat(error.path("param").asText()).isEqualTo("input");
    }
    assertThat(
            json(
                    call(
                        ranker,
                        "rerank",
                        Map.of("query", QUERY, "documents", DOCUMENTS, "truncation", false)),
                    400)
                .at("/error/message")
                .asText())
        .startsWith("documents[2] has 41");
    JsonNode cut =
        json(
            call(
                minilm,
                "embeddings",
                Map.of("input", words, "truncate_prompt_tokens", 16, "truncate", "START")),
            200);
    assertThat(cut.at("/usage/prompt_tokens").asInt()).isEqualTo(16);
  }

  @Test
  void oneBadTextIsNamed() throws Exception {
    VersionKey small = deploy("small", "embedding", TinyTextModels.embedder(2_100), Map.of());

    JsonNode error =
        json(call(small, "embeddings", Map.of("input", List.of("a", "the", "mill"))), 400)
            .path("error");

    assertThat(error.path("message").asText()).startsWith("input[2]: ");
    assertThat(error.path("param").asText()).isEqualTo("input");
    assertThat(json(call(small, "embeddings", Map.of("input", List.of("a", "the"))), 200))
        .isNotNull();
  }

  @Test
  void takesTokenIdsWhereTheEndpointSaysSo() throws Exception {
    VersionKey small = deploy("ids", "embedding", TinyTextModels.embedder(2_100), Map.of());
    long[] a = reference.encoding("a").getIds();
    long[] the = reference.encoding("the").getIds();
    assertThat(message(small, "embeddings", "{\"input\":[[101,1037,102]]}"))
        .contains("check_embedding_ctx_length=False", "acceptTokenIds");

    registry.load(small, ServingSpec.DEFAULT.withAcceptTokenIds(true));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> call(small, "embeddings", Map.of("input", a)).statusCode() == 200);

    JsonNode texts = json(call(small, "embeddings", Map.of("input", List.of("a", "the"))), 200);
    JsonNode ids = json(call(small, "embeddings", Map.of("input", List.of(a, the))), 200);
    assertThat(ids.path("data")).isEqualTo(texts.path("data"));
    assertThat(ids.path("usage")).isEqualTo(texts.path("usage"));
    assertThat(message(small, "embeddings", "{\"input\":[[1,2],[3,99999]]}"))
        .startsWith("input[1]: ");
    assertThat(message(small, "embeddings", "{\"input\":[[1,2],[3,-1]]}"))
        .isEqualTo("input[1][1] is not a token id");
  }

  @Test
  void refusesWhatTheTaskCannotDo() throws Exception {
    VersionKey ranker = deploy("ranker", "rerank", TinyTextModels.crossEncoder(), Map.of());
    VersionKey tensors = deploy("tensors", "tensor", TinyModels.linear(4, 3), Map.of());
    Map<Map<String, Object>, String> bad = new LinkedHashMap<>();
    bad.put(Map.of("documents", DOCUMENTS), "query is not a string");
    bad.put(Map.of("query", QUERY), "documents must be a list");
    bad.put(Map.of("query", QUERY, "documents", List.of("a", 3)), "documents[1] is not a string");
    bad.put(Map.of("query", QUERY, "documents", DOCUMENTS, "top_n", 0), "top_n");
    bad.put(Map.of("query", QUERY, "documents", DOCUMENTS, "truncate", "maybe"), "truncate");
    for (var each : bad.entrySet()) {
      assertThat(json(call(ranker, "rerank", each.getKey()), 400).at("/error/message").asText())
          .contains(each.getValue());
    }
    assertThat(message(ranker, "embeddings", "{\"input\":\"a\"}"))
        .isEqualTo("model 'ranker' has the task 'rerank'; /v1/embeddings needs 'embedding'");
    assertThat(message(tensors, "tokenize", "{\"input\":\"a\"}"))
        .contains("no text task", "'embedding' or 'rerank' or 'classification'", "/infer");
    assertThat(message(ranker, "rerank", "{\"query\":\n \"a\" x")).contains("line 2, column");
    assertThat(message(ranker, "rerank", "{} {}")).contains("not valid JSON");
  }

  private static final byte[] LABELS =
      "negative\nneutral\npositive\n".getBytes(StandardCharsets.UTF_8);

  private VersionKey deploy(String name, String task, byte[] model, Map<String, byte[]> more) {
    Map<String, byte[]> files = new LinkedHashMap<>(more);
    files.put("model.onnx", model);
    files.put("tokenizer.json", tokenizer);
    String labels = more.containsKey("labels.txt") ? "labels.txt" : null;
    VersionKey key =
        registry.version(
            name,
            new ModelManifest(task, "tokenizer.json", null, null, null, labels, null, null, null),
            files);
    registry.load(key, ServingSpec.DEFAULT);
    await()
        .atMost(Duration.ofSeconds(120))
        .until(
            () -> {
              var reported = registry.reported(key);
              return reported != null && reported.state() == ReplicaState.READY;
            });
    return key;
  }

  private HttpResponse<byte[]> call(VersionKey version, String route, Map<String, Object> body)
      throws Exception {
    return send(version, route, JSON.writeValueAsString(body));
  }

  private HttpResponse<byte[]> send(VersionKey version, String route, String body) {
    return caller.send(
        "POST",
        "/v1/" + route,
        body.getBytes(StandardCharsets.UTF_8),
        RuntimeCaller.headers(version));
  }

  private String message(VersionKey version, String route, String body) throws Exception {
    return json(send(version, route, body), 400).at("/error/message").asText();
  }

  private static JsonNode json(HttpResponse<byte[]> response, int status) throws Exception {
    assertThat(response.statusCode())
        .as(new String(response.body(), StandardCharsets.UTF_8))
        .isEqualTo(status);
    return JSON.readTree(response.body());
  }

  private static byte[] resource(String name) throws Exception {
    try (InputStream in = TextRoutesIT.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
