package dev.millrace.gateway.server.upstream;

import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import io.quarkus.arc.DefaultBean;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Replicas over the network: HTTP/1.1 with kept connections for REST, one HTTP/2 connection with
 * many streams (prior knowledge, no upgrade) for gRPC. Bodies are piped with back-pressure both
 * ways.
 */
@Singleton
@DefaultBean
public class HttpUpstream implements Upstream {
  /** HTTP/2 error code CANCEL: the runtime stops working on the call. */
  private static final long CANCEL = 0x8;

  /** The protocol's default of 64 KiB makes a large tensor wait for a round trip per 64 KiB. */
  private static final int STREAM_WINDOW = 1 << 20;

  private static final int CONNECTION_WINDOW = 16 << 20;
  private static final int STREAMS_PER_CONNECTION = 256;

  /** Below the runtime's own idle limit, so that the gateway closes first and no call is lost. */
  private static final int KEEP_ALIVE_SECONDS = 25;

  private final HttpClient http;
  private final HttpClient grpc;

  @Inject
  HttpUpstream(Vertx vertx, GatewayOptions options) {
    this.http = vertx.createHttpClient(http(options));
    this.grpc = vertx.createHttpClient(grpc(options));
  }

  @Override
  public Future<UpstreamResponse> send(UpstreamRequest request) {
    boolean isGrpc = request.kind() == Kind.GRPC;
    var address = isGrpc ? request.replica().grpcAddress() : request.replica().httpAddress();
    var hostAndPort = HostAndPort.parseAuthority(address, -1);
    if (hostAndPort == null || hostAndPort.port() <= 0) {
      return Future.failedFuture(
          new UnreachableException(
              address, new IllegalArgumentException("not an address (expected: host:port)")));
    }
    var target =
        new RequestOptions()
            .setHost(hostAndPort.host())
            .setPort(hostAndPort.port())
            .setMethod(request.method())
            .setURI(request.uri());
    return (isGrpc ? grpc : http)
        .request(target)
        .recover(failure -> Future.failedFuture(new UnreachableException(address, failure)))
        .compose(call -> send(call, request));
  }

  private static Future<UpstreamResponse> send(HttpClientRequest call, UpstreamRequest request) {
    // For HTTP/1.1 a reset closes the connection, which is how the runtime learns of it.
    request.cancelSignal().onCancel(() -> call.reset(CANCEL));
    if (request.cancelSignal().isCancelled()) {
      return Future.failedFuture("cancelled before it was sent");
    }
    call.headers().addAll(request.headers());
    var answer =
        switch (request.body()) {
          case UpstreamBody.Whole whole -> call.send(whole.bytes());
          case UpstreamBody.Streaming streaming -> call.send(streaming.stream());
        };
    return answer.map(HttpUpstream::received);
  }

  private static UpstreamResponse received(HttpClientResponse response) {
    response.pause();
    long length = contentLength(response);
    return new UpstreamResponse(
        response.statusCode(),
        response.headers(),
        new UpstreamBody.Streaming(response, length),
        response::trailers);
  }

  private static long contentLength(HttpClientResponse response) {
    var length = response.getHeader("content-length");
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException malformed) {
      return -1;
    }
  }

  private static HttpClientOptions http(GatewayOptions options) {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_1_1)
        .setConnectTimeout((int) options.connectTimeout().toMillis())
        .setKeepAlive(true)
        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
        .setMaxPoolSize(options.connectionsPerReplica())
        .setMaxWaitQueueSize(options.connectionsPerReplica() * 4)
        .setTcpNoDelay(true);
  }

  private static HttpClientOptions grpc(GatewayOptions options) {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setHttp2ClearTextUpgrade(false)
        .setConnectTimeout((int) options.connectTimeout().toMillis())
        .setHttp2MaxPoolSize(4)
        .setHttp2MultiplexingLimit(STREAMS_PER_CONNECTION)
        .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
        .setInitialSettings(new Http2Settings().setInitialWindowSize(STREAM_WINDOW))
        .setMaxWaitQueueSize(options.connectionsPerReplica() * 4)
        .setTcpNoDelay(true);
  }

  @PreDestroy
  void close() {
    Future.all(http.close(), grpc.close()).onFailure(ignored -> {});
  }
}
