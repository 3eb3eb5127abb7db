package dev.millrace.benchmarks.wire;

import dev.millrace.benchmarks.load.Answered;
import dev.millrace.benchmarks.load.Target;
import dev.millrace.protocol.http.MillraceHeaders;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server behind HTTP/1.1 with a fixed number of kept-alive connections. Each lane belongs to one
 * event loop, so a closed-loop caller never changes threads.
 */
public final class HttpTarget implements Target {
  private static final int HTTP_OK = 200;
  private static final int EXCERPT = 200;
  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
  private static final long CLOSE_SECONDS = 10;

  private final Vertx vertx;
  private final List<Loop> loops;
  private final RequestOptions options;
  private final List<Exchange> exchanges;

  /**
   * Opens no connection yet.
   *
   * @param path where requests are posted
   * @param exchanges sent in turn
   * @param connections at most so many at once; more calls wait for a free one
   */
  public HttpTarget(ServerAddress address, String path, List<Exchange> exchanges, int connections) {
    this.exchanges = List.copyOf(exchanges);
    this.options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(address.http().getHost())
            .setPort(address.httpPort())
            .setSsl(address.tls())
            .setURI(address.http().getRawPath() + path);
    if (address.key() != null) {
      options.putHeader("authorization", "Bearer " + address.key());
    }
    // Half of the processors at most: the other half is the server's when both share a machine.
    int loopCount =
        Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, Math.min(connections, 8));
    this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loopCount));
    this.loops = open(loopCount, connections, address.tls());
  }

  private List<Loop> open(int loopCount, int connections, boolean tls) {
    int perLoop = Math.ceilDiv(connections, loopCount);
    List<Loop> opened = Collections.synchronizedList(new ArrayList<>());
    var started =
        vertx.deployVerticle(
            () ->
                new AbstractVerticle() {
                  @Override
                  public void start() {
                    opened.add(new Loop(context, client(vertx, perLoop, tls)));
                  }
                },
            new DeploymentOptions().setInstances(loopCount));
    started.toCompletionStage().toCompletableFuture().join();
    return List.copyOf(opened);
  }

  private static HttpClient client(Vertx vertx, int connections, boolean tls) {
    return vertx.createHttpClient(
        new HttpClientOptions()
            .setSsl(tls)
            .setMaxWaitQueueSize(-1)
            .setConnectTimeout(CONNECT_TIMEOUT_MILLIS),
        new PoolOptions().setHttp1MaxSize(connections));
  }

  @Override
  public void call(int lane, long index, Answered answered) {
    Loop loop = loops.get(lane % loops.size());
    Exchange exchange = exchanges.get((int) (index % exchanges.size()));
    if (Vertx.currentContext() == loop.context()) {
      send(loop, exchange, answered);
    } else {
      loop.context().runOnContext(ignored -> send(loop, exchange, answered));
    }
  }

  private void send(Loop loop, Exchange exchange, Answered answered) {
    answered.sent();
    loop.client()
        .request(options)
        .compose(request -> write(request, exchange))
        .onComplete(
            response ->
                response
                    .body()
                    .onComplete(
                        body -> check(exchange, response, body, answered),
                        failure -> answered.failed("no answer: " + failure)),
            failure -> answered.failed("no answer: " + failure));
  }

  private static Future<HttpClientResponse> write(HttpClientRequest request, Exchange exchange) {
    if (exchange.jsonLength() >= 0) {
      request.putHeader(
          MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH, Integer.toString(exchange.jsonLength()));
    }
    return request.send(Buffer.buffer(exchange.request()));
  }

  private static void check(
      Exchange exchange, HttpClientResponse response, Buffer body, Answered answered) {
    if (response.statusCode() != HTTP_OK) {
      String text = body.toString(StandardCharsets.UTF_8);
      answered.failed(
          "HTTP "
              + response.statusCode()
              + ": "
              + text.substring(0, Math.min(text.length(), EXCERPT)));
      return;
    }
    String problem = exchange.check().problem(body.getBytes(), jsonLength(response));
    if (problem == null) {
      answered.ok();
    } else {
      answered.wrong(problem);
    }
  }

  private static int jsonLength(HttpClientResponse response) {
    @Nullable String header = response.getHeader(MillraceHeaders.INFERENCE_HEADER_CONTENT_LENGTH);
    return header == null ? -1 : Integer.parseInt(header);
  }

  @Override
  public void close() {
    vertx
        .close()
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(CLOSE_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  private record Loop(Context context, HttpClient client) {}
}
