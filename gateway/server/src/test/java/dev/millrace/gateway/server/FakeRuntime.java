package dev.millrace.gateway.server;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.GrpcErrors;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import dev.millrace.protocol.grpc.ModelInferRequest;
import dev.millrace.protocol.grpc.ModelInferResponse;
import dev.millrace.protocol.grpc.ModelReadyRequest;
import dev.millrace.protocol.grpc.ModelReadyResponse;
import dev.millrace.protocol.grpc.ModelStatistics;
import dev.millrace.protocol.grpc.ModelStatisticsRequest;
import dev.millrace.protocol.grpc.ModelStatisticsResponse;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A runtime and a registry as the gateway meets them on the network: a plain HTTP server and a
 * stock gRPC server. What they do depends on the model's name: {@code echo} sends the body back,
 * {@code hang} never answers, {@code broken} fails.
 */
final class FakeRuntime {
  private static FakeRuntime instance;

  final AtomicReference<MultiMap> lastHeaders = new AtomicReference<>();
  final AtomicReference<String> lastUri = new AtomicReference<>("");
  final AtomicReference<Metadata> lastMetadata = new AtomicReference<>();
  final AtomicInteger hanging = new AtomicInteger();
  final AtomicInteger cancelled = new AtomicInteger();
  final AtomicLong received = new AtomicLong();
  final Map<String, HttpServerRequest> held = new ConcurrentHashMap<>();

  private final Vertx vertx;
  private final HttpServer http;
  private final Server grpc;

  private FakeRuntime() {
    vertx = Vertx.vertx();
    http =
        vertx
            .createHttpServer()
            .requestHandler(this::serve)
            .listen(Integer.getInteger(FakeAddress.PORT, 0), "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
    try {
      grpc =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .addService(new Service())
              .intercept(new Remember())
              .maxInboundMessageSize(64 << 20)
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static synchronized FakeRuntime instance() {
    if (instance == null) {
      instance = new FakeRuntime();
    }
    return instance;
  }

  /** Ends when the gateway does, so that the next one finds the port free. */
  static synchronized void stop() {
    var running = instance;
    if (running != null) {
      running.http.close().toCompletionStage().toCompletableFuture().join();
      running.grpc.shutdownNow();
      running.vertx.close().toCompletionStage().toCompletableFuture().join();
      instance = null;
    }
  }

  String httpAddress() {
    return "127.0.0.1:" + http.actualPort();
  }

  String grpcAddress() {
    return "127.0.0.1:" + grpc.getPort();
  }

  private void serve(HttpServerRequest request) {
    lastHeaders.set(request.headers());
    lastUri.set(request.uri());
    request.exceptionHandler(gone -> {});
    if (request.path().equals("/api/v1/events")) {
      request.response().setChunked(true).putHeader("content-type", "text/event-stream");
      request.response().write("data: one\n\n");
      hang(request);
    } else if (request.path().startsWith("/api/v1/big")) {
      count(request);
    } else if (request.path().contains("/hang")) {
      hang(request);
    } else if (request.path().contains("/broken")) {
      request.response().setStatusCode(500).end("{\"error\":\"it broke\"}");
    } else {
      echo(request);
    }
  }

  private void hang(HttpServerRequest request) {
    hanging.incrementAndGet();
    held.put("last", request);
    request.response().exceptionHandler(gone -> {});
    request.response().closeHandler(closed -> cancelled.incrementAndGet());
  }

  private void echo(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body ->
                request
                    .response()
                    .putHeader("content-type", "application/octet-stream")
                    .putHeader("endpoint-load-metrics", "cpu=1")
                    .putHeader("server-timing", "compute;dur=1")
                    .end(body));
  }

  private void count(HttpServerRequest request) {
    received.set(0);
    request.handler(chunk -> received.addAndGet(chunk.length()));
    request.endHandler(
        end -> request.response().setStatusCode(201).end(Buffer.buffer("" + received.get())));
  }

  private final class Remember implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      lastMetadata.set(headers);
      return next.startCall(call, headers);
    }
  }

  private final class Service extends GRPCInferenceServiceImplBase {
    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> answer) {
      switch (request.getModelName()) {
        case "hang" -> {
          hanging.incrementAndGet();
          Context.current().addListener(gone -> cancelled.incrementAndGet(), Runnable::run);
        }
        case "broken" ->
            answer.onError(
                GrpcErrors.toException(
                    MillraceException.of(ErrorCode.INVALID_ARGUMENT, "input 'x': größer")
                        .withDetail("input", "x")));
        default -> {
          answer.onNext(
              ModelInferResponse.newBuilder()
                  .setModelName(request.getModelName())
                  .setId(request.getId())
                  .addAllRawOutputContents(request.getRawInputContentsList())
                  .build());
          answer.onCompleted();
        }
      }
    }

    @Override
    public void modelStatistics(
        ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> answer) {
      var counted = ModelStatistics.newBuilder().setName(request.getName()).setInferenceCount(3);
      answer.onNext(ModelStatisticsResponse.newBuilder().addModelStats(counted).build());
      answer.onCompleted();
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> answer) {
      answer.onNext(ModelReadyResponse.newBuilder().setReady(true).build());
      answer.onCompleted();
    }
  }
}
