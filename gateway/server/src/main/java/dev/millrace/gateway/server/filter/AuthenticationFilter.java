package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.identity.AccessPolicy;
import dev.millrace.gateway.identity.Identity;
import dev.millrace.gateway.identity.Operation;
import dev.millrace.gateway.server.config.GatewayOptions.Authentication;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.http.MillraceHeaders;
import java.time.Duration;

/** Finds out who calls, and for which project. Health needs no credential. */
final class AuthenticationFilter implements ExchangeFilter {
  private final Authentication mode;
  private final SnapshotLifecycle snapshots;

  AuthenticationFilter(Authentication mode, SnapshotLifecycle snapshots) {
    this.mode = mode;
    this.snapshots = snapshots;
  }

  @Override
  public void apply(Exchange exchange) {
    var method = exchange.request().method().name();
    if (AccessPolicy.operation(exchange.target(), method) == Operation.PROBE) {
      return;
    }
    identify(exchange);
  }

  /** The same whatever the call is for. */
  void identify(Exchange exchange) {
    exchange.identity(inProject(caller(exchange), exchange));
  }

  private Identity caller(Exchange exchange) {
    if (mode == Authentication.NONE) {
      return Identity.ANONYMOUS_ADMIN;
    }
    var view = snapshots.view();
    if (!view.known()) {
      // Not UNAUTHENTICATED: the key may be good, we just cannot tell yet.
      throw MillraceException.of(
              ErrorCode.OVERLOADED, "this gateway has not heard from the registry yet")
          .withRetryAfter(Duration.ofSeconds(1));
    }
    return view.keys().authenticate(exchange.request().getHeader("authorization"));
  }

  private Identity inProject(Identity caller, Exchange exchange) {
    var wanted = exchange.request().getHeader(MillraceHeaders.PROJECT);
    if (wanted == null || wanted.equals(caller.project())) {
      return caller;
    }
    if (mode == Authentication.NONE) {
      return new Identity(wanted, caller.keyId(), caller.roles());
    }
    throw MillraceException.of(
        ErrorCode.PERMISSION_DENIED, "key '%s' is not of project '%s'", caller.keyId(), wanted);
  }
}
