package dev.millrace.benchmarks.passthrough;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Joins an HTTP/2 stream of the client to one of the upstream, as the gateway does. */
final class FramesProxy extends AbstractVerticle {
  private static final String GRPC_STATUS = "grpc-status";
  private static final String UNAVAILABLE = "14";

  private final int upstreamPort;
  private final AtomicInteger port;
  private @Nullable HttpClient client;

  private FramesProxy(int upstreamPort, AtomicInteger port) {
    this.upstreamPort = upstreamPort;
    this.port = port;
  }

  /** Listens on a free port, which it returns. */
  static int start(int upstreamPort) {
    var port = new AtomicInteger();
    return ProxyTransport.deploy(port, () -> new FramesProxy(upstreamPort, port));
  }

  @Override
  public void start(Promise<Void> started) {
    HttpClient opened = vertx.createHttpClient(ProxyTransport.client());
    client = opened;
    vertx
        .createHttpServer(ProxyTransport.server())
        .requestHandler(request -> proxy(opened, request))
        .listen()
        .onSuccess(listening -> port.set(listening.actualPort()))
        .<Void>mapEmpty()
        .onComplete(started);
  }

  private void proxy(HttpClient upstream, HttpServerRequest request) {
    request.pause();
    upstream
        .request(
            new RequestOptions()
                .setHost(ProxyTransport.LOOPBACK)
                .setPort(upstreamPort)
                .setMethod(request.method())
                .setURI(request.uri()))
        .onComplete(
            call -> forward(request, call), failure -> unavailable(request.response(), failure));
  }

  private static void forward(HttpServerRequest request, HttpClientRequest call) {
    HttpServerResponse response = request.response();
    call.exceptionHandler(reset -> {});
    call.headers().addAll(request.headers());
    // The length is not known; without this the client library would want it.
    call.setChunked(true);
    response.exceptionHandler(gone -> call.reset(ProxyTransport.CANCEL));
    call.response()
        .onComplete(answer -> relay(answer, response), failure -> unavailable(response, failure));
    request
        .pipe()
        .endOnFailure(false)
        .to(call)
        .onFailure(gone -> call.reset(ProxyTransport.CANCEL));
  }

  private static void relay(HttpClientResponse answer, HttpServerResponse response) {
    response.setStatusCode(answer.statusCode());
    response.headers().addAll(answer.headers());
    answer.exceptionHandler(broken -> response.reset(ProxyTransport.CANCEL));
    answer.handler(
        chunk -> {
          response.write(chunk).onFailure(ignored -> {});
          if (response.writeQueueFull()) {
            answer.pause();
            response.drainHandler(drained -> answer.resume());
          }
        });
    answer.endHandler(
        end -> {
          answer
              .trailers()
              .forEach(
                  trailer -> {
                    if (!trailer.getKey().startsWith(":")) {
                      response.putTrailer(trailer.getKey(), trailer.getValue());
                    }
                  });
          response.end().onFailure(ignored -> {});
        });
  }

  private static void unavailable(HttpServerResponse response, Throwable failure) {
    if (response.ended() || response.closed()) {
      return;
    }
    response
        .putHeader("content-type", "application/grpc")
        .putTrailer(GRPC_STATUS, UNAVAILABLE)
        .putTrailer("grpc-message", "upstream: " + failure.getMessage())
        .end()
        .onFailure(ignored -> {});
  }

  @Override
  public void stop() {
    if (client != null) {
      client.close().onFailure(ignored -> {});
    }
  }
}
