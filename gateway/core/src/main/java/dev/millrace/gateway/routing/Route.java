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
  /**
   * The same call bound to one of the replicas: the same one for the same key as long as it is
   * there, and when another comes or goes only that one's share of the keys moves (rendezvous
   * hashing; Thaler and Ravishankar, 1998).
   */
  public Route pinned(long keyHash) {
    Replica best = candidates.getFirst();
    long bestScore = Long.MIN_VALUE;
    for (var candidate : candidates) {
      long score = RequestHash.mix(keyHash ^ RequestHash.of(candidate.memberId()));
      if (score >= bestScore) {
        best = candidate;
        bestScore = score;
      }
    }
    return new Route(target, endpoint, List.of(best));
  }

  public Route {
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("candidates: empty (expected: at least one replica)");
    }
  }
}
