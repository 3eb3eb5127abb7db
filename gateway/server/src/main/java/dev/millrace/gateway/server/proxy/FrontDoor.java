package dev.millrace.gateway.server.proxy;

import dev.millrace.gateway.routing.RequestTarget;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.config.GatewayOptions.Authentication;
import dev.millrace.gateway.server.control.ControlUpstream;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.exchange.Protocol;
import dev.millrace.gateway.server.filter.DrainState;
import dev.millrace.gateway.server.filter.FilterChain;
import dev.millrace.gateway.server.metrics.AccessLog;
import dev.millrace.gateway.server.metrics.GatewayMetrics;
import dev.millrace.gateway.server.telemetry.CallSpans;
import dev.millrace.process.http.RequestTargets;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * The only way into the data port: every request of every protocol comes through here first, is
 * passed through the filters, and is handed to the handler of what it addresses. Nothing else that
 * is mounted on the router is reachable, unless a handler passes the request on.
 */
@Singleton
public class FrontDoor {
  private static final Logger LOG = Logger.getLogger(FrontDoor.class);

  /** Before everything that Quarkus or an extension mounts, except its own first steps. */
  private static final int ORDER = -1_000_000;

  /** Where a call is kept that others may fail after us: those that we pass on. */
  private static final String ENTERED = FrontDoor.class.getName();

  private final FilterChain filters;
  private final ServerHandler server;
  private final RestHandler rest;
  private final OpenAiHandler openAi;
  private final GrpcHandler grpc;
  private final StatisticsHandler statistics;
  private final RepositoryHandler repository;
  private final ControlUpstream control;
  private final Observers observers;
  private final Authentication authentication;

  /** Who looks at calls that are over. */
  @Singleton
  record Observers(
      DrainState drain, GatewayMetrics metrics, AccessLog accessLog, CallSpans spans) {}

  /** The handlers of calls to models. */
  @Singleton
  record ModelHandlers(
      RestHandler rest,
      OpenAiHandler openAi,
      GrpcHandler grpc,
      StatisticsHandler statistics,
      RepositoryHandler repository) {}

  @Inject
  FrontDoor(
      FilterChain filters,
      ServerHandler server,
      ModelHandlers models,
      ControlUpstream control,
      Observers observers,
      GatewayOptions options) {
    this.filters = filters;
    this.server = server;
    this.rest = models.rest();
    this.openAi = models.openAi();
    this.grpc = models.grpc();
    this.statistics = models.statistics();
    this.repository = models.repository();
    this.control = control;
    this.observers = observers;
    this.authentication = options.authentication();
  }

  void mount(@Observes Router router) {
    router.route().order(ORDER).handler(this::enter).failureHandler(this::malformed);
  }

  /** What the HTTP server refuses before it is routed: a request without a host or a path. */
  private void malformed(RoutingContext context) {
    var noTarget = RequestTargets.refusal(context.request().uri());
    if (context.statusCode() != 400 && noTarget.isEmpty() || context.response().headWritten()) {
      context.next();
      return;
    }
    Exchange exchange = context.get(ENTERED);
    if (exchange == null) {
      exchange = new Exchange(context, protocol(context.request()));
      filters.identify(exchange);
      observe(exchange);
    }
    var why = context.failure() == null ? "" : ": " + context.failure().getMessage();
    exchange.fail(
        noTarget.orElseGet(
            () -> MillraceException.of(ErrorCode.INVALID_ARGUMENT, "malformed request" + why)));
  }

  void warn(@Observes StartupEvent event) {
    if (authentication == Authentication.NONE) {
      LOG.warn("*** AUTHENTICATION IS OFF: every caller is an administrator of every project ***");
    }
  }

  private void enter(RoutingContext context) {
    Http2Flushes.join(context.request());
    var exchange = new Exchange(context, protocol(context.request()));
    observe(exchange);
    try {
      if (filters.apply(exchange)) {
        handler(exchange.target()).handle(exchange);
      }
    } catch (RuntimeException refused) {
      exchange.fail(refused);
    }
  }

  private void observe(Exchange exchange) {
    var place = observers.drain().enter();
    observers.spans().begin(exchange);
    if (exchange.protocol() == Protocol.CONTROL) {
      exchange.context().put(ENTERED, exchange);
      // Event streams have no end of their own: a stopping process does not wait for them.
      exchange
          .context()
          .addHeadersEndHandler(
              head -> {
                if (isEventStream(exchange)) {
                  place.leave();
                }
              });
    }
    exchange.whenOver(
        over -> {
          place.leave();
          observers.metrics().record(over);
          observers.accessLog().write(over);
          observers.spans().end(over);
        });
  }

  private static boolean isEventStream(Exchange exchange) {
    var type = exchange.response().headers().get("content-type");
    return type != null && type.startsWith("text/event-stream");
  }

  private CallHandler handler(RequestTarget target) {
    return switch (target) {
      case RequestTarget.ModelCall call -> rest;
      case RequestTarget.Statistics call -> statistics;
      case RequestTarget.RepositoryList list -> repository;
      case RequestTarget.RepositoryModel model -> repository;
      case RequestTarget.OpenAiCall call -> openAi;
      case RequestTarget.Control call -> control::forward;
      case RequestTarget.ApiDescription document -> control::forward;
      case RequestTarget.GrpcCall call ->
          switch (call.method()) {
            case SERVER_LIVE, SERVER_READY, SERVER_METADATA -> server;
            case MODEL_STATISTICS -> statistics;
            case REPOSITORY_INDEX, REPOSITORY_MODEL_LOAD, REPOSITORY_MODEL_UNLOAD -> repository;
            default -> grpc;
          };
      default -> server;
    };
  }

  private static Protocol protocol(HttpServerRequest request) {
    var type = request.getHeader("content-type");
    if (type != null
        && type.startsWith("application/grpc")
        && request.version() == HttpVersion.HTTP_2) {
      return Protocol.GRPC;
    }
    var path = request.path();
    if (path == null) {
      return Protocol.HTTP;
    }
    if (path.startsWith("/v1/") || path.startsWith("/openai/") || path.equals("/v1")) {
      return Protocol.OPENAI;
    }
    return path.startsWith("/api/") ? Protocol.CONTROL : Protocol.HTTP;
  }
}
