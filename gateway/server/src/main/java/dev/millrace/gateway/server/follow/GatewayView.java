package dev.millrace.gateway.server.follow;

import dev.millrace.gateway.identity.KeyAuthenticator;
import dev.millrace.gateway.routing.RoutingTable;
import dev.millrace.protocol.internal.Snapshot;
import java.util.List;

/**
 * What the gateway knows of the platform at one moment: routes and keys of one snapshot. Immutable.
 *
 * @param known whether any snapshot was ever heard
 */
public record GatewayView(RoutingTable routes, KeyAuthenticator keys, boolean known) {
  /** Before any registry has been heard. */
  public static final GatewayView NOTHING =
      new GatewayView(RoutingTable.EMPTY, KeyAuthenticator.of(List.of()), false);

  /** What {@code snapshot} says. */
  public static GatewayView of(Snapshot snapshot) {
    return new GatewayView(RoutingTable.of(snapshot), KeyAuthenticator.of(snapshot.keys()), true);
  }
}
