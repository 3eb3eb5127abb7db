package dev.millrace.gateway.server.control;

import dev.millrace.gateway.server.config.ClusterOptions;
import dev.millrace.gateway.server.config.GatewayOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Chooses the way to the registry by {@code millrace.gateway.control}. */
@Singleton
class ControlProducer {
  private static final int CONNECTIONS = 64;

  @Produces
  @Singleton
  ControlUpstream upstream(Vertx vertx, GatewayOptions options, ClusterOptions cluster) {
    return switch (options.control()) {
      case LOCAL -> new FallThroughControlUpstream(cluster.token());
      case PROXY -> {
        var http =
            new HttpClientOptions()
                .setConnectTimeout((int) options.connectTimeout().toMillis())
                .setMaxPoolSize(CONNECTIONS)
                .setTcpNoDelay(true);
        yield new HttpControlUpstream(
            vertx.createHttpClient(http), cluster.registryUrl(), cluster.token());
      }
    };
  }
}
