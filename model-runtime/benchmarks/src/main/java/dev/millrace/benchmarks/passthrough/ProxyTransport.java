package dev.millrace.benchmarks.passthrough;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Verticle;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The settings that both Vert.x proxies share, equal to the gateway's: one event loop per
 * processor, native sockets where there are any, windows that hold a large tensor.
 */
final class ProxyTransport {
  static final String LOOPBACK = "127.0.0.1";

  /** Largest message that a proxy which looks at messages lets through. */
  static final int MAX_MESSAGE_BYTES = 64 << 20;

  /** HTTP/2 error code: the call is no longer wanted. */
  static final long CANCEL = 0x8;

  /** Vert.x takes any free port for it, the same one for every instance. */
  private static final int ONE_FREE_PORT_FOR_ALL = -1;

  private static final int STREAM_WINDOW = 1 << 20;
  private static final int CONNECTION_WINDOW = 16 << 20;

  private ProxyTransport() {}

  /** Runs one instance on each event loop; returns the port, which the instances put there. */
  static int deploy(AtomicInteger port, Supplier<Verticle> instance) {
    int loops = Runtime.getRuntime().availableProcessors();
    var vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops).setPreferNativeTransport(true));
    vertx
        .deployVerticle(instance, new DeploymentOptions().setInstances(loops))
        .toCompletionStage()
        .toCompletableFuture()
        .join();
    return port.get();
  }

  static HttpServerOptions server() {
    return new HttpServerOptions()
        .setHost(LOOPBACK)
        .setPort(ONE_FREE_PORT_FOR_ALL)
        .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
        .setInitialSettings(settings());
  }

  static HttpClientOptions client() {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setHttp2ClearTextUpgrade(false)
        .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
        .setInitialSettings(settings());
  }

  private static Http2Settings settings() {
    return new Http2Settings().setInitialWindowSize(STREAM_WINDOW);
  }
}
