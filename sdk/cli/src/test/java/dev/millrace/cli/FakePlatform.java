package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.oip.HttpInferCodec;
import dev.millrace.protocol.oip.InferRequest;
import dev.millrace.protocol.oip.InferResponse;
import dev.millrace.protocol.tensor.Tensors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A platform with one model, {@code linear}, that needs some looks at a version until it is ready.
 * Keeps what it is told, answers in the platform's own documents.
 */
final class FakePlatform implements AutoCloseable {
  static final String KEY = "the-key";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> versionStates = new CopyOnWriteArrayList<>();
  private final Map<String, String> fixed = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile String spec = "";
  private volatile int revision;
  private volatile boolean ready = true;
  private volatile String waitingFor = "null";
  private volatile byte[] uploaded = {};
  private volatile int asleep;

  FakePlatform() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  /** What serves is not in memory. */
  FakePlatform asleep() {
    asleep = 1;
    return this;
  }

  /**
   * The states that the version goes through, one for each look; the last one stays. READY+ is
   * being judged again, READY- has failed that.
   */
  FakePlatform versionBecomes(String... states) {
    versionStates.addAll(List.of(states));
    return this;
  }

  FakePlatform neverServes(String why) {
    ready = false;
    waitingFor = '"' + why + '"';
    return this;
  }

  FakePlatform serving(int version) {
    spec = "{\"model\":\"linear\",\"version\":" + version + "}";
    revision = 1;
    return this;
  }

  /** Always answers a route so. */
  FakePlatform answering(String route, String json) {
    fixed.put(route, json);
    return this;
  }

  byte[] uploaded() {
    return uploaded;
  }

  String spec() {
    return spec;
  }

  List<String> requests() {
    return requests;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String route = exchange.getRequestMethod() + " " + exchange.getRequestURI();
      requests.add(route);
      if (route.equals("GET /v2/health/ready")) {
        send(exchange, 200, "{\"ready\":true}");
      } else if (!("Bearer " + KEY)
          .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        send(exchange, 401, error("a key is needed", "UNAUTHENTICATED"));
      } else if (fixed.containsKey(route)) {
        send(exchange, 200, fixed.get(route));
      } else {
        answer(exchange, route, body);
      }
    }
  }

  private void answer(HttpExchange exchange, String route, byte[] body) throws IOException {
    switch (route) {
      case "POST /api/v1/models/linear/versions" -> {
        uploaded = body;
        send(exchange, 201, version("UPLOADED"));
      }
      case "GET /api/v1/models/linear/versions/1" -> send(exchange, 200, version(nextState()));
      case "POST /api/v1/models/linear/versions/1:validate" ->
          send(exchange, 202, version("READY+"));
      case "GET /api/v1/endpoints/linear" -> endpoint(exchange);
      case "POST /api/v1/endpoints/linear:revert" -> {
        spec = "{\"model\":\"linear\",\"version\":1}";
        endpoint(exchange);
      }
      case "PUT /api/v1/endpoints/linear" -> {
        spec = new String(body, StandardCharsets.UTF_8);
        revision++;
        endpoint(exchange);
      }
      case "GET /v2/models/linear" ->
          send(
              exchange,
              200,
              "{\"name\":\"linear\",\"platform\":\"onnxruntime_onnx\","
                  + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,4]}],"
                  + "\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1,2]}]}");
      case "POST /v2/models/linear/infer" -> infer(exchange, body);
      default -> send(exchange, 404, error("there is no '" + route + "'", "NOT_FOUND"));
    }
  }

  private void endpoint(HttpExchange exchange) throws IOException {
    if (spec.isEmpty()) {
      send(exchange, 404, error("there is no endpoint 'linear'", "NOT_FOUND"));
      return;
    }
    JsonNode wanted = ControlJson.lenient().readTree(spec);
    String traffic =
        wanted.has("version")
            ? "[{\"version\":" + wanted.get("version") + ",\"weight\":100}]"
            : wanted.path("traffic").toString();
    send(
        exchange,
        200,
        "{\"project\":\"default\",\"name\":\"linear\",\"revision\":"
            + revision
            + ",\"spec\":"
            + spec
            + ",\"status\":{\"traffic\":"
            + (ready ? traffic : "[]")
            + ",\"ready\":"
            + ready
            + ",\"replicas\":"
            + (ready ? 1 : 0)
            + ",\"waitingFor\":"
            + waitingFor
            + ",\"asleep\":"
            + asleep
            + "},\"changedAt\":\"2026-01-01T00:00:00Z\",\"changedBy\":\"admin\"}");
  }

  private String nextState() {
    if (versionStates.isEmpty()) {
      return "READY";
    }
    return versionStates.size() == 1 ? versionStates.get(0) : versionStates.remove(0);
  }

  private static String version(String state) {
    return "{\"project\":\"default\",\"model\":\"linear\",\"version\":1,\"digest\":\"sha256:00\","
        + "\"state\":\""
        + state.replaceAll("[+-]", "")
        + "\",\"validatingAgain\":"
        + state.endsWith("+")
        + ",\"reason\":"
        + reason(state)
        + ",\"signature\":{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\","
        + "\"shape\":[\"batch\",4],\"batchAxis\":0}],\"outputs\":[{\"name\":\"y\","
        + "\"datatype\":\"FP32\",\"shape\":[\"batch\",2],\"batchAxis\":0}]},"
        + "\"format\":{\"irVersion\":8,\"opset\":17,\"producer\":\"\"},\"manifest\":{},"
        + "\"artifacts\":[{\"name\":\"model.onnx\",\"digest\":\"sha256:00\",\"size\":2048}],"
        + "\"createdAt\":\"2026-01-01T00:00:00Z\"}";
  }

  private static String reason(String state) {
    return switch (state) {
      case "REJECTED" -> "\"the graph is broken\"";
      case "READY-" -> "\"it hangs\"";
      default -> "null";
    };
  }

  /** {@code y[i] = (sum of the row, 0.5)}. */
  private static void infer(HttpExchange exchange, byte[] body) throws IOException {
    String header = exchange.getRequestHeaders().getFirst("Inference-Header-Content-Length");
    InferRequest request =
        HttpInferCodec.decodeRequest(
            ByteBuffer.wrap(body), HttpInferCodec.jsonLength(header, body.length));
    float[] x = Tensors.floatArray(request.inputs().get(0));
    int rows = (int) request.inputs().get(0).shape()[0];
    var y = new float[rows * 2];
    for (int i = 0; i < x.length; i++) {
      y[i / (x.length / rows) * 2] += x[i];
    }
    for (int row = 0; row < rows; row++) {
      y[row * 2 + 1] = 0.5f;
    }
    var answer =
        new InferResponse(
            "linear",
            "1",
            "",
            Map.of(),
            new ArrayList<>(List.of(Tensors.float32("y", y, rows, 2))));
    var encoded = HttpInferCodec.encodeResponse(answer, request);
    if (encoded.binary()) {
      exchange
          .getResponseHeaders()
          .set("Inference-Header-Content-Length", Integer.toString(encoded.jsonLength()));
    }
    var bytes = new byte[(int) encoded.size()];
    encoded.joined().get(bytes);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String error(String sentence, String code) {
    return "{\"error\":\""
        + sentence
        + "\",\"code\":\""
        + code
        + "\",\"retryable\":false,\"details\":{}}";
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
