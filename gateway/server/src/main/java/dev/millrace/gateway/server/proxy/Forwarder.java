package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.balancing.Outcome;
import dev.millrace.gateway.balancing.ReplicaBalancer;
import dev.millrace.gateway.balancing.ReplicaToken;
import dev.millrace.gateway.routing.CallTimeout;
import dev.millrace.gateway.routing.Replica;
import dev.millrace.gateway.routing.Route;
import dev.millrace.gateway.server.config.ClusterOptions;
import dev.millrace.gateway.server.exchange.AnswerRelay;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.filter.DrainState;
import dev.millrace.gateway.server.metrics.GatewayMetrics;
import dev.millrace.gateway.server.upstream.Deadline;
import dev.millrace.gateway.server.upstream.UnreachableException;
import dev.millrace.gateway.server.upstream.Upstream;
import dev.millrace.gateway.server.upstream.UpstreamBody;
import dev.millrace.gateway.server.upstream.UpstreamHeaders;
import dev.millrace.gateway.server.upstream.UpstreamRequest;
import dev.millrace.gateway.server.upstream.UpstreamRequest.Kind;
import dev.millrace.gateway.server.upstream.UpstreamResponse;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import io.vertx.core.AsyncResult;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes a routed call to a replica and the answer back: balance, send, relay, observe. Tries
 * another replica once when there was no connection to the first; nothing was sent then. Enforces
 * the deadline, and cancels the replica's work when nobody waits any more.
 */
@Singleton
class Forwarder {
  private static final Logger LOG = Logger.getLogger(Forwarder.class);

  private final Upstream upstream;
  private final ReplicaBalancer balancer;
  private final GatewayMetrics metrics;
  private final DrainState drain;
  private final String token;

  @Inject
  Forwarder(
      Upstream upstream,
      ReplicaBalancer balancer,
      GatewayMetrics metrics,
      DrainState drain,
      ClusterOptions cluster) {
    this.upstream = upstream;
    this.balancer = balancer;
    this.metrics = metrics;
    this.drain = drain;
    this.token = cluster.token();
  }

  /**
   * What to send.
   *
   * @param uri path and query
   */
  record Call(Kind kind, String uri, UpstreamBody body, Deadline deadline) {}

  /** Forwards the call; its route is known. */
  void forward(Exchange exchange, Call call) {
    new Flight(exchange, call, Objects.requireNonNull(exchange.route())).start();
  }

  /** One call on its way. Confined to the call's event loop. */
  private final class Flight {
    private final Exchange exchange;
    private final Call call;
    private final Route route;
    private boolean retried;

    Flight(Exchange exchange, Call call, Route route) {
      this.exchange = exchange;
      this.call = call;
      this.route = route;
    }

    void start() {
      var left = call.deadline().remaining();
      if (left.isZero()) {
        timeIsOver();
        return;
      }
      var vertx = exchange.context().vertx();
      long timer = vertx.setTimer(Math.max(1, left.toMillis()), fired -> timeIsOver());
      exchange.whenOver(over -> vertx.cancelTimer(timer));
      attempt(null);
    }

    private void attempt(@Nullable Replica avoid) {
      var chosen = balancer.pick(route.candidates(), avoid);
      metrics.upstreamBegins();
      exchange.whenOver(over -> settle(chosen, outcome(over)));
      try {
        upstream
            .send(request(chosen.replica()))
            .onComplete(answer -> exchange.onLoop(() -> answered(chosen, answer)));
      } catch (RuntimeException refused) {
        exchange.fail(refused);
      }
    }

    private void answered(ReplicaToken chosen, AsyncResult<UpstreamResponse> answer) {
      if (answer.succeeded()) {
        if (drain.draining()) {
          exchange.closeAfterwards();
        }
        AnswerRelay.relay(exchange, answer.result(), chosen.replica());
        return;
      }
      var cause = answer.cause();
      boolean unreachable = cause instanceof UnreachableException;
      if (unreachable && !retried && route.candidates().size() > 1 && !exchange.answered()) {
        retried = true;
        settle(chosen, Outcome.UNREACHABLE);
        metrics.retried("connect");
        attempt(chosen.replica());
        return;
      }
      if (unreachable) {
        settle(chosen, Outcome.UNREACHABLE);
      }
      LOG.debugf(cause, "replica=%s requestId=%s", chosen.replica(), exchange.requestId());
      exchange.fail(cause instanceof MillraceException known ? known : lost(cause));
    }

    private MillraceException lost(Throwable cause) {
      var what =
          cause instanceof UnreachableException
              ? "no replica of '%s' can be reached"
              : "the connection to the replica of '%s' was lost before it answered";
      return MillraceException.of(ErrorCode.OVERLOADED, what, route.endpoint().name())
          .withDetail("reason", "upstream")
          .withRetryAfter(Duration.ofSeconds(1));
    }

    private void timeIsOver() {
      exchange.fail(
          MillraceException.of(
                  ErrorCode.DEADLINE_EXCEEDED,
                  "'%s' did not answer within the call's time",
                  route.endpoint().name())
              .withDetail("stage", "execution"));
      exchange.cancelSignal().cancel();
    }

    private void settle(ReplicaToken chosen, Outcome outcome) {
      if (chosen.close(outcome)) {
        metrics.upstreamEnds(
            chosen.replica().memberId(), Duration.ofNanos(System.nanoTime() - chosen.startNanos()));
      }
    }

    private Outcome outcome(Exchange over) {
      var failure = over.failure();
      if (over.abandoned() || failure != null && failure.code() == ErrorCode.DEADLINE_EXCEEDED) {
        return Outcome.ABANDONED;
      }
      boolean failed = failure != null || over.response().getStatusCode() == 500;
      return failed || "13".equals(over.grpcStatus()) ? Outcome.FAILED : Outcome.ANSWERED;
    }

    private UpstreamRequest request(Replica replica) {
      return new UpstreamRequest(
          call.kind(),
          exchange.request().method(),
          call.uri(),
          headers(),
          call.body(),
          route,
          replica,
          call.deadline(),
          exchange.cancelSignal());
    }

    private UpstreamHeaders headers() {
      var left = call.deadline().remaining();
      var headers = new UpstreamHeaders(exchange.request().headers());
      headers.set(MillraceHeaders.INTERNAL_TARGET, route.target().toString());
      headers.set(MillraceHeaders.INTERNAL_ENDPOINT, route.endpoint().name());
      headers.set(MillraceHeaders.INTERNAL_PROJECT, exchange.identity().project());
      headers.set(MillraceHeaders.INTERNAL_TOKEN, token);
      headers.set(MillraceHeaders.REQUEST_ID, exchange.requestId());
      headers.set(MillraceHeaders.TIMEOUT, Long.toString(Math.max(1, left.toMillis())));
      var span = exchange.span();
      if (span != null) {
        headers.set(MillraceHeaders.TRACEPARENT, span.traceparent());
      }
      if (call.kind() == Kind.GRPC) {
        headers.set("grpc-timeout", CallTimeout.toGrpc(left));
        headers.set("te", "trailers");
      } else if (call.body() instanceof UpstreamBody.Whole whole) {
        headers.remove("content-length");
        if (whole.bytes().length() > 0) {
          headers.set("content-length", Integer.toString(whole.bytes().length()));
        }
      }
      return headers;
    }
  }
}
