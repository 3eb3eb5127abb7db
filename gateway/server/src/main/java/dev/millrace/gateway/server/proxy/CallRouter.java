package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.routing.CallTimeout;
import dev.millrace.gateway.routing.RequestHash;
import dev.millrace.gateway.routing.Route;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.Protocol;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import dev.millrace.gateway.server.upstream.Deadline;
import dev.millrace.protocol.http.MillraceHeaders;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides where a call goes and when it must be back. */
@Singleton
class CallRouter {
  private final SnapshotLifecycle snapshots;
  private final Duration defaultTimeout;
  private final Duration longestStream;

  @Inject
  CallRouter(SnapshotLifecycle snapshots, GatewayOptions options) {
    this.snapshots = snapshots;
    this.defaultTimeout = options.defaultTimeout();
    this.longestStream = options.longestStream();
  }

  /** Resolves the endpoint in the caller's project and notes the route. */
  Route route(Exchange exchange, String endpoint, @Nullable String version) {
    return route(exchange, endpoint, version, null);
  }

  /**
   * The same for a call that may belong to a sequence. All calls of one sequence go to the same
   * version and the same replica: what the sequence keeps is there.
   *
   * @param sequence its id; null when it belongs to none
   */
  Route route(
      Exchange exchange, String endpoint, @Nullable String version, @Nullable String sequence) {
    var sticky = exchange.request().getHeader(MillraceHeaders.STICKY_KEY);
    var key = sticky == null || sticky.isEmpty() ? exchange.requestId() : sticky;
    long hash = RequestHash.of(sequence == null ? key : sequence);
    var route =
        snapshots.view().routes().resolve(exchange.identity().project(), endpoint, version, hash);
    route = sequence == null ? route : route.pinned(hash);
    exchange.route(route);
    return route;
  }

  /** Whether calls of the endpoint may belong to sequences. */
  boolean keepsState(Exchange exchange, String endpoint) {
    return snapshots.view().routes().keepsState(exchange.identity().project(), endpoint);
  }

  /** The caller's own limit, else the endpoint's, else the gateway's; from the call's arrival. */
  Deadline deadline(Exchange exchange, Route route) {
    var budget =
        callersOwn(exchange)
            .or(() -> CallTimeout.ofServing(route.endpoint().serving().timeout()))
            .orElse(defaultTimeout);
    return Deadline.after(budget, exchange.startNanos());
  }

  /**
   * When a stream must be over: the caller's own limit, else the gateway's. An endpoint's limit is
   * for each of its messages.
   */
  Deadline streamDeadline(Exchange exchange) {
    return Deadline.after(callersOwn(exchange).orElse(longestStream), exchange.startNanos());
  }

  /** How long the caller itself says that it waits. */
  static Optional<Duration> callersOwn(Exchange exchange) {
    var request = exchange.request();
    if (exchange.protocol() == Protocol.GRPC) {
      var grpc = CallTimeout.ofGrpc(request.getHeader("grpc-timeout"));
      if (grpc.isPresent()) {
        return grpc;
      }
    }
    return CallTimeout.ofHeader(request.getHeader(MillraceHeaders.TIMEOUT));
  }
}
