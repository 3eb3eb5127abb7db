package dev.millrace.gateway.server.filter;

import dev.millrace.gateway.routing.RequestTarget;
import dev.millrace.gateway.server.exchange.Exchange;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import java.time.Duration;

/** Refuses new calls while the process stops; health is still answered. */
final class DrainFilter implements ExchangeFilter {
  private final DrainState state;

  DrainFilter(DrainState state) {
    this.state = state;
  }

  @Override
  public void apply(Exchange exchange) {
    if (!state.draining() || isProbe(exchange.target())) {
      return;
    }
    exchange.closeAfterwards();
    throw MillraceException.of(
            ErrorCode.OVERLOADED, "this gateway is stopping: repeat the call on a new connection")
        .withDetail("reason", "draining")
        .withRetryAfter(Duration.ofSeconds(1));
  }

  private static boolean isProbe(RequestTarget target) {
    return switch (target) {
      case RequestTarget.Live live -> true;
      case RequestTarget.Ready ready -> true;
      case RequestTarget.StandardCall call -> call.method().isHealth();
      case RequestTarget.GrpcCall call ->
          switch (call.method()) {
            case SERVER_LIVE, SERVER_READY -> true;
            default -> false;
          };
      default -> false;
    };
  }
}
