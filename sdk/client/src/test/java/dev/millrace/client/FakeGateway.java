package dev.millrace.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server that answers what a test tells it to and remembers what it was asked. */
final class FakeGateway implements AutoCloseable {
  /** One request as it came. */
  record Seen(String method, String target, Map<String, List<String>> headers, byte[] body) {
    String header(String name) {
      return headers.entrySet().stream()
          .filter(entry -> entry.getKey().equalsIgnoreCase(name))
          .map(entry -> entry.getValue().get(0))
          .findFirst()
          .orElse("");
    }
  }

  /** Answers one route. */
  interface Route {
    void answer(HttpExchange exchange, Seen request) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Route> routes = new ConcurrentHashMap<>();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();

  FakeGateway() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers {@code METHOD /path?query} with a status and JSON. */
  FakeGateway on(String route, int status, String json) {
    return on(route, (exchange, request) -> send(exchange, status, "application/json", json));
  }

  FakeGateway on(String route, Route answer) {
    routes.put(route, answer);
    return this;
  }

  List<Seen> seen() {
    return seen;
  }

  Seen last() {
    return seen.get(seen.size() - 1);
  }

  static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
    send(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
  }

  static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target = exchange.getRequestURI().toString();
      var request =
          new Seen(
              exchange.getRequestMethod(),
              target,
              Map.copyOf(exchange.getRequestHeaders()),
              exchange.getRequestBody().readAllBytes());
      seen.add(request);
      Route route = routes.get(request.method() + " " + target);
      if (route == null) {
        send(exchange, 404, "application/json", "{\"error\":\"no route\",\"code\":\"NOT_FOUND\"}");
      } else {
        route.answer(exchange, request);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
