package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.server.config.GatewayOptions;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import dev.millrace.protocol.error.MillraceException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * What every call passes, in this order. The order is the contract: an id first, so that every
 * answer has one; what only the platform may say is gone before anybody reads headers; a path that
 * does not exist is told apart before a credential is asked for; nothing is routed before it is
 * authorized. Routing, balancing, forwarding and observing follow in the handlers.
 */
@Singleton
public class FilterChain {
  private final List<ExchangeFilter> filters;

  @Inject
  FilterChain(GatewayOptions options, SnapshotLifecycle snapshots, DrainState drain) {
    this.filters =
        List.of(
            new RequestIdFilter(),
            new InternalHeaderFilter(),
            new TargetFilter(),
            new DrainFilter(drain),
            new AuthenticationFilter(options.authentication(), snapshots),
            new AuthorizationFilter());
  }

  /**
   * Passes the call through all filters.
   *
   * @throws MillraceException the first refusal
   */
  public void apply(Exchange exchange) {
    for (var filter : filters) {
      filter.apply(exchange);
    }
  }
}
