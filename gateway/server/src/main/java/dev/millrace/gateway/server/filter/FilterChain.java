package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.identity.Operation;
import dev.millrace.gateway.server.config.CompressionOptions;
import dev.millrace.gateway.server.config.CorsOptions;
import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import dev.millrace.protocol.error.MillraceException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What every call passes, in this order. The order is the contract: an id first, so that every
 * answer has one; browsers ask without a credential; what only the platform may say is gone before
 * anybody reads headers; a path that does not exist is told apart before a credential is asked for;
 * nothing is routed before it is authorized. Routing, balancing, forwarding and observing follow in
 * the handlers.
 */
@Singleton
public class FilterChain {
  private final ExchangeFilter identity = new RequestIdFilter();
  private final AuthenticationFilter authentication;
  private final List<ExchangeFilter> filters;

  @Inject
  FilterChain(GatewayOptions options, SnapshotLifecycle snapshots, DrainState drain) {
    this.authentication = new AuthenticationFilter(options.authentication(), snapshots);
    this.filters =
        Stream.of(
                Optional.of(identity),
                Optional.of(options.cors()).filter(CorsOptions::on).map(CorsFilter::new),
                Optional.of(options.compression())
                    .filter(CompressionOptions::on)
                    .map(compression -> new CompressionFilter(compression.minSize())),
                Optional.of(new InternalHeaderFilter()),
                Optional.of(new TargetFilter()),
                Optional.of(new DrainFilter(drain)),
                Optional.of(authentication),
                Optional.of(new AuthorizationFilter()))
            .<ExchangeFilter>flatMap(Optional::stream)
            .toList();
  }

  /** Gives an id to a call that was refused before it could pass the filters. */
  public void identify(Exchange exchange) {
    identity.apply(exchange);
  }

  /**
   * Finds out who makes a call that needs no credential in general and one for what it asks.
   *
   * @throws MillraceException UNAUTHENTICATED without a good one, PERMISSION_DENIED when it may not
   *     do {@code operation}
   */
  public void authenticate(Exchange exchange, Operation operation) {
    authentication.identify(exchange);
    AuthorizationFilter.require(exchange, operation);
  }

  /**
   * Passes the call through all filters.
   *
   * @return false when a filter has answered and nothing more is to be done
   * @throws MillraceException the first refusal
   */
  public boolean apply(Exchange exchange) {
    for (var filter : filters) {
      filter.apply(exchange);
      if (exchange.answered()) {
        return false;
      }
    }
    return true;
  }
}
