package dev.millrace.gateway.server.grpc;

import dev.millrace.gateway.identity.Operation;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.filter.FilterChain;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import dev.millrace.gateway.server.health.ReadyState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.grpc.GRPCInferenceServiceGrpc;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code grpc.health.v1.Health} says. The empty name and the inference service stand for this
 * gateway and are told to anybody; any other name is an endpoint of the caller's project, and
 * whoever asks for one needs a credential: names are nobody else's business.
 */
@Singleton
class HealthService {
  private static final List<String> OWN = List.of("", GRPCInferenceServiceGrpc.SERVICE_NAME);

  /** How soon a watcher hears of a change. Looking is two map lookups. */
  private static final long LOOK_MILLIS = 250;

  private final SnapshotLifecycle snapshots;
  private final ReadyState state;
  private final FilterChain filters;

  @Inject
  HealthService(SnapshotLifecycle snapshots, ReadyState state, FilterChain filters) {
    this.snapshots = snapshots;
    this.state = state;
    this.filters = filters;
  }

  /**
   * The health of {@code service} now.
   *
   * @throws MillraceException NOT_FOUND when there is no such service; UNAUTHENTICATED when it is
   *     not the gateway's own and the caller is not known
   */
  HealthCheckResponse check(Exchange exchange, String service) {
    requireCaller(exchange, service);
    var status = status(exchange, service);
    if (status == ServingStatus.SERVICE_UNKNOWN) {
      throw MillraceException.of(ErrorCode.NOT_FOUND, "service '%s' not found", service);
    }
    return response(status);
  }

  /** Tells the health of {@code service} now and whenever it changes, until the client leaves. */
  void watch(OwnCall call, String service) {
    requireCaller(call.exchange(), service);
    var watch = new Watch(call, service);
    watch.look();
    var vertx = call.exchange().context().vertx();
    long timer = vertx.setPeriodic(LOOK_MILLIS, fired -> watch.look());
    call.exchange().whenOver(over -> vertx.cancelTimer(timer));
    call.lasting(watch::look);
  }

  /** What one watcher was told. */
  private final class Watch {
    private final OwnCall call;
    private final String service;
    private @Nullable ServingStatus told;

    Watch(OwnCall call, String service) {
      this.call = call;
      this.service = service;
    }

    void look() {
      var now = status(call.exchange(), service);
      if (now != told) {
        told = now;
        call.answer().send(response(now));
      }
    }
  }

  private void requireCaller(Exchange exchange, String service) {
    if (!OWN.contains(service)) {
      filters.authenticate(exchange, Operation.DESCRIBE);
    }
  }

  private ServingStatus own() {
    return state.ready() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  private ServingStatus status(Exchange exchange, String service) {
    if (OWN.contains(service)) {
      return own();
    }
    try {
      snapshots.view().routes().resolve(exchange.identity().project(), service, null, 0);
      return own();
    } catch (MillraceException why) {
      return why.code() == ErrorCode.NOT_FOUND
          ? ServingStatus.SERVICE_UNKNOWN
          : ServingStatus.NOT_SERVING;
    }
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }
}
