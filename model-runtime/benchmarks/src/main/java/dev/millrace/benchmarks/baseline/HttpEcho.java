package dev.millrace.benchmarks.baseline;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A Vert.x HTTP server that sends the body back, or its length: one event loop per processor,
 * nothing else.
 */
final class HttpEcho {
  /** Vert.x takes any free port for 0, a different one for each instance. */
  private static final int ONE_FREE_PORT_FOR_ALL = -1;

  private HttpEcho() {}

  /** Sends bodies back. Listens on a free port of the loopback interface, which it returns. */
  static int echo() {
    return start(UnaryOperator.identity());
  }

  /** Reads bodies and sends their lengths. Listens as {@link #echo} does. */
  static int sink() {
    return start(body -> Buffer.buffer(Integer.toString(body.length())));
  }

  /** Parses the bodies' first tensor by Jackson and sends their lengths. */
  static int jackson() {
    return start(
        body -> {
          JacksonFloats.parse(body.getBytes());
          return Buffer.buffer(Integer.toString(body.length()));
        });
  }

  private static int start(UnaryOperator<Buffer> answer) {
    int loops = Runtime.getRuntime().availableProcessors();
    var vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops).setPreferNativeTransport(true));
    var port = new AtomicInteger();
    vertx
        .deployVerticle(() -> new Echo(port, answer), new DeploymentOptions().setInstances(loops))
        .toCompletionStage()
        .toCompletableFuture()
        .join();
    return port.get();
  }

  private static final class Echo extends AbstractVerticle {
    private final AtomicInteger port;
    private final UnaryOperator<Buffer> answer;

    Echo(AtomicInteger port, UnaryOperator<Buffer> answer) {
      this.port = port;
      this.answer = answer;
    }

    @Override
    public void start(Promise<Void> started) {
      HttpServer server =
          vertx
              .createHttpServer()
              .requestHandler(
                  request ->
                      request.body().onSuccess(body -> request.response().end(answer.apply(body))));
      server
          .listen(ONE_FREE_PORT_FOR_ALL, "127.0.0.1")
          .onSuccess(listening -> port.set(listening.actualPort()))
          .<Void>mapEmpty()
          .onComplete(started);
    }
  }
}
