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
    call.headers().addAll(request.headers().toMultiMap());
    return RequestSender.send(call, request.body(), request.cancelSignal())
        .map(UpstreamResponse::of);
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
