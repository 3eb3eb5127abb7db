package dev.millrace.gateway.routing;

import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.VersionKey;
import java.util.List;

/**
 * Where a call goes.
 *
 * @param target the version that answers
 * @param endpoint what the caller addressed
 * @param candidates replicas that are assigned, ready and not draining; never empty
 */
public record Route(VersionKey target, EndpointEntry endpoint, List<Replica> candidates) {
  public Route {
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("candidates: empty (expected: at least one replica)");
    }
  }
}
