package dev.millrace.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.protocol.oip.GrpcEncoding;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.oip.TensorEncoding;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.protocol.tensor.Tensors;
import dev.millrace.runtime.server.config.ListeningPorts;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real sentence model, against ONNX Runtime and the tokenizer used directly. */
@QuarkusTest
class EmbeddingsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final float CLOSE = 1e-5f;
  private static final List<String> TEXTS =
      List.of(
          "The river turns the wheel.",
          "A mill race carries water to the mill.",
          "Ein Mühlgraben führt Wasser.",
          "word ".repeat(600));

  @Inject FakeRegistry registry;
  @Inject ListeningPorts ports;
  @Inject MeterRegistry meters;

  @TestHTTPResource("/")
  URI base;

  private RuntimeCaller caller;
  private VersionKey minilm;
  private SentenceReference reference;

  @BeforeEach
  void deploy() throws Exception {
    caller = new RuntimeCaller(base, ports.grpc());
    byte[] onnx = resource("/all-minilm-l6-v2.onnx");
    byte[] tokenizer = resource("/all-minilm-l6-v2-tokenizer.json");
    reference = new SentenceReference(onnx, tokenizer);
    minilm =
        registry.version(
            "minilm",
            new ModelManifest(
                "embedding", "tokenizer.json", "mean", true, null, null, null, null, null),
            Map.of("model.onnx", onnx, "tokenizer.json", tokenizer));
    registry.load(minilm, ServingSpec.DEFAULT);
    await()
        .atMost(Duration.ofSeconds(120))
        .until(
            () -> {
              var reported = registry.reported(minilm);
              return reported != null && reported.state() == ReplicaState.READY;
            });
  }

  @AfterEach
  void close() throws Exception {
    caller.close();
    reference.close();
  }

  @Test
  void embeddingsEqualTheReference() throws Exception {
    JsonNode answer =
        json(embeddings(JSON.writeValueAsString(Map.of("model", "minilm", "input", TEXTS))), 200);

    int tokens = 0;
    for (int i = 0; i < TEXTS.size(); i++) {
      float[] expected = reference.embedding(TEXTS.get(i));
      tokens += reference.tokens(TEXTS.get(i));
      JsonNode vector = answer.at("/data/" + i + "/embedding");
      assertThat(vector.size()).isEqualTo(384);
      for (int j = 0; j < expected.length; j++) {
        assertThat((float) vector.get(j).asDouble()).isCloseTo(expected[j], within(CLOSE));
      }
    }
    assertThat(answer.path("model").asText()).isEqualTo("minilm");
    assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(tokens);
    assertThat(answer.at("/usage/total_tokens").asInt()).isEqualTo(tokens);
  }

  @Test
  void base64AndFewerDimensionsAreTheSameNumbers() throws Exception {
    JsonNode answer =
        json(
            embeddings(
                "{\"input\":\"The river turns the wheel.\",\"encoding_format\":\"base64\","
                    + "\"dimensions\":64}"),
            200);

    var floats =
        ByteBuffer.wrap(Base64.getDecoder().decode(answer.at("/data/0/embedding").asText()))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    float[] whole = reference.embedding("The river turns the wheel.");
    double length = 0;
    for (int i = 0; i < 64; i++) {
      length += (double) whole[i] * whole[i];
    }
    assertThat(floats.remaining()).isEqualTo(64);
    for (int i = 0; i < 64; i++) {
      assertThat(floats.get(i)).isCloseTo((float) (whole[i] / Math.sqrt(length)), within(CLOSE));
    }
  }

  @Test
  void tensorsOverEveryEncodingEqualTheReference() throws Exception {
    List<Tensor> inputs = reference.inputs(TEXTS.get(0));
    float[] expected = reference.hidden(TEXTS.get(0));
    List<InferResponse> answers =
        List.of(
            caller.infer(minilm, inputs, TensorEncoding.JSON),
            caller.infer(minilm, inputs, TensorEncoding.BINARY),
            caller.infer(minilm, inputs, GrpcEncoding.RAW),
            caller.infer(minilm, inputs, GrpcEncoding.TYPED));

    for (InferResponse answer : answers) {
      assertThat(Tensors.floatArray(answer.outputs().get(0)))
          .containsExactly(expected, within(CLOSE));
    }
  }

  @Test
  void onlyTextsThatAreNotKeptAreComputed() throws Exception {
    registry.measured(minilm, Profile.Finding.YES);
    registry.load(minilm, ServingSpec.DEFAULT.withCache(new ServingSpec.Cache("1h", "1Mi")));
    await().until(() -> cache(embeddings(input(List.of("warm")))).equals("hit"));
    List<String> six = List.of("one", "two", "three", "four", "five", "six");
    List<String> eight = new ArrayList<>(six);
    eight.add(3, "seven");
    eight.add("eight");

    await().until(() -> computed() > 0);
    long before = computed();
    assertThat(cache(embeddings(input(six)))).isEqualTo("miss");
    var mixed = embeddings(input(eight));
    await().untilAsserted(() -> assertThat(computed() - before).isEqualTo(8));
    assertThat(cache(mixed)).isEqualTo("partial");
    assertThat(cache(embeddings(input(eight)))).isEqualTo("hit");
    await().untilAsserted(() -> assertThat(computed() - before).isEqualTo(8));

    JsonNode answer = json(mixed, 200);
    int tokens = 0;
    for (int i = 0; i < eight.size(); i++) {
      tokens += reference.tokens(eight.get(i));
      float[] expected = reference.embedding(eight.get(i));
      for (int j = 0; j < expected.length; j++) {
        assertThat((float) answer.at("/data/" + i + "/embedding/" + j).asDouble())
            .isCloseTo(expected[j], within(CLOSE));
      }
    }
    assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(tokens);
    // Fewer dimensions are cut from what is kept, and leave it whole.
    var shorter = JSON.writeValueAsString(Map.of("input", List.of("one"), "dimensions", 8));
    assertThat(json(embeddings(shorter), 200).at("/data/0/embedding").size()).isEqualTo(8);
    assertThat(json(embeddings(input(List.of("one"))), 200).at("/data/0/embedding").size())
        .isEqualTo(384);
    await().untilAsserted(() -> assertThat(computed() - before).isEqualTo(8));
    registry.load(minilm, ServingSpec.DEFAULT);
    await().until(() -> cache(embeddings(input(List.of("one")))).isEmpty());
  }

  private static String input(List<String> texts) throws Exception {
    return JSON.writeValueAsString(Map.of("model", "minilm", "input", texts));
  }

  private static String cache(HttpResponse<byte[]> response) {
    return response.headers().firstValue("millrace-cache").orElse("");
  }

  private long computed() {
    return meters.get("millrace.queue.duration").tag("endpoint", "minilm").timer().count();
  }

  @Test
  void refusesInOpenAisForm() throws Exception {
    Map<String, String> bad = new LinkedHashMap<>();
    bad.put("{\"input\":[1,2,3]}", "check_embedding_ctx_length=False");
    bad.put("{\"input\":[[1,2,3]]}", "check_embedding_ctx_length=False");
    bad.put("{\"input\":[]}", "must be a string or a list");
    bad.put("{\"model\":\"minilm\"}", "must be a string or a list");
    bad.put("{\"input\":\"a\",\"dimensions\":100000}", "dimensions");
    bad.put("{\"input\":\"a\",\"encoding_format\":\"hex\"}", "encoding_format");
    bad.put("{\"input\":", "not valid JSON");
    for (var entry : bad.entrySet()) {
      var response = embeddings(entry.getKey());
      JsonNode error = json(response, 400).path("error");
      assertThat(error.path("message").asText()).contains(entry.getValue());
      assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
      assertThat(error.path("code").asText()).isEqualTo("INVALID_ARGUMENT");
      assertThat(response.headers().firstValue("x-should-retry")).contains("false");
      assertThat(response.headers().firstValue("x-request-id")).isPresent();
    }
  }

  private HttpResponse<byte[]> embeddings(String json) {
    return caller.send(
        "POST",
        "/v1/embeddings",
        json.getBytes(StandardCharsets.UTF_8),
        RuntimeCaller.headers(minilm));
  }

  private static JsonNode json(HttpResponse<byte[]> response, int status) throws Exception {
    assertThat(response.statusCode())
        .as(new String(response.body(), StandardCharsets.UTF_8))
        .isEqualTo(status);
    return JSON.readTree(response.body());
  }

  private static byte[] resource(String name) throws Exception {
    try (InputStream in = EmbeddingsIT.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
