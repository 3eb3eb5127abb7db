package dev.millrace.benchmarks.passthrough;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.concurrent.atomic.AtomicInteger;

/** Joins a vertx-grpc server call of any method to a client call, message by message. */
final class MessagesProxy extends AbstractVerticle {
  private final SocketAddress upstream;
  private final AtomicInteger port;

  private MessagesProxy(int upstreamPort, AtomicInteger port) {
    this.upstream = SocketAddress.inetSocketAddress(upstreamPort, ProxyTransport.LOOPBACK);
    this.port = port;
  }

  /** Listens on a free port, which it returns. */
  static int start(int upstreamPort) {
    var port = new AtomicInteger();
    return ProxyTransport.deploy(port, () -> new MessagesProxy(upstreamPort, port));
  }

  @Override
  public void start(Promise<Void> started) {
    var client =
        GrpcClient.client(
            vertx,
            new GrpcClientOptions()
                .setTransportOptions(ProxyTransport.client())
                .setMaxMessageSize(ProxyTransport.MAX_MESSAGE_BYTES));
    var server =
        GrpcServer.server(
            vertx, new GrpcServerOptions().setMaxMessageSize(ProxyTransport.MAX_MESSAGE_BYTES));
    server.callHandler(request -> proxy(client, request));
    vertx
        .createHttpServer(ProxyTransport.server())
        .requestHandler(server)
        .listen()
        .onSuccess(listening -> port.set(listening.actualPort()))
        .<Void>mapEmpty()
        .onComplete(started);
  }

  private void proxy(GrpcClient client, GrpcServerRequest<Buffer, Buffer> request) {
    request.pause();
    client
        .request(upstream)
        .onComplete(
            call -> forward(request, call), failure -> unavailable(request.response(), failure));
  }

  private static void forward(
      GrpcServerRequest<Buffer, Buffer> request, GrpcClientRequest<Buffer, Buffer> call) {
    GrpcServerResponse<Buffer, Buffer> response = request.response();
    call.fullMethodName(request.fullMethodName());
    var encoding = request.encoding();
    if (encoding != null) {
      call.encoding(encoding);
    }
    call.headers().addAll(request.headers());
    call.exceptionHandler(reset -> {});
    request.messageHandler(
        message -> {
          call.writeMessage(message).onFailure(ignored -> {});
          if (call.writeQueueFull()) {
            request.pause();
            call.drainHandler(drained -> request.resume());
          }
        });
    request.exceptionHandler(gone -> call.cancel());
    response.exceptionHandler(gone -> call.cancel());
    request.endHandler(end -> call.end().onFailure(ignored -> {}));
    call.response()
        .onComplete(answer -> relay(answer, response), failure -> unavailable(response, failure));
    request.resume();
  }

  private static void relay(
      GrpcClientResponse<Buffer, Buffer> answer, GrpcServerResponse<Buffer, Buffer> response) {
    var encoding = answer.encoding();
    if (encoding != null) {
      response.encoding(encoding);
    }
    response.headers().addAll(answer.headers());
    answer.messageHandler(
        message -> {
          response.writeMessage(message).onFailure(ignored -> {});
          if (response.writeQueueFull()) {
            answer.pause();
            response.drainHandler(drained -> answer.resume());
          }
        });
    answer.exceptionHandler(broken -> response.cancel());
    answer.endHandler(
        end -> {
          response.status(answer.status());
          var message = answer.statusMessage();
          if (message != null) {
            response.statusMessage(message);
          }
          response.trailers().addAll(answer.trailers());
          response.end().onFailure(ignored -> {});
        });
  }

  private static void unavailable(GrpcServerResponse<Buffer, Buffer> response, Throwable failure) {
    response
        .status(GrpcStatus.UNAVAILABLE)
        .statusMessage("upstream: " + failure.getMessage())
        .end()
        .onFailure(ignored -> {});
  }
}
