package dev.millrace.registry.endpoint;

import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.store.EndpointRecord;
import dev.millrace.registry.store.EndpointRecord.InForce;
import java.util.Optional;
import java.util.function.Function;

/**
 * When traffic moves: the wanted weights come into force at once, when every version that gets
 * traffic is READY and some runtime of the pool has it loaded. Until then what serves goes on
 * serving. A rejected version never gets traffic. Pure.
 */
public final class TrafficPolicy {
  private TrafficPolicy() {}

  /** What must come into force now; empty when nothing changes. */
  public static Optional<InForce> decide(
      EndpointRecord endpoint,
      Function<VersionKey, Optional<VersionState>> states,
      Replicas wantedPool) {
    if (endpoint.settled() || endpoint.wanted().isEmpty()) {
      return Optional.empty();
    }
    for (var target : endpoint.wanted()) {
      var key = new VersionKey(endpoint.project(), endpoint.model(), target.version());
      var ready =
          states.apply(key).filter(VersionState.READY::equals).isPresent()
              && wantedPool.ready(key) > 0;
      if (target.weight() > 0 && !ready) {
        return Optional.empty();
      }
    }
    return Optional.of(new InForce(endpoint.model(), endpoint.pool(), endpoint.wanted()));
  }
}
