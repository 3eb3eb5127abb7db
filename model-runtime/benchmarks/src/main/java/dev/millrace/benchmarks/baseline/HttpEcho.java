package dev.millrace.benchmarks.baseline;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import java.util.concurrent.atomic.AtomicInteger;

/** A Vert.x HTTP server that sends the body back: one event loop per processor, nothing else. */
final class HttpEcho {
  /** Vert.x takes any free port for 0, a different one for each instance. */
  private static final int ONE_FREE_PORT_FOR_ALL = -1;

  private HttpEcho() {}

  /** Listens on a free port of the loopback interface, which it returns. */
  static int start() {
    int loops = Runtime.getRuntime().availableProcessors();
    var vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops).setPreferNativeTransport(true));
    var port = new AtomicInteger();
    vertx
        .deployVerticle(() -> new Echo(port), new DeploymentOptions().setInstances(loops))
        .toCompletionStage()
        .toCompletableFuture()
        .join();
    return port.get();
  }

  private static final class Echo extends AbstractVerticle {
    private final AtomicInteger port;

    Echo(AtomicInteger port) {
      this.port = port;
    }

    @Override
    public void start(Promise<Void> started) {
      HttpServer server =
          vertx
              .createHttpServer()
              .requestHandler(
                  request -> request.body().onSuccess(body -> request.response().end(body)));
      server
          .listen(ONE_FREE_PORT_FOR_ALL, "127.0.0.1")
          .onSuccess(listening -> port.set(listening.actualPort()))
          .<Void>mapEmpty()
          .onComplete(started);
    }
  }
}
