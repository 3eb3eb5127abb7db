package dev.millrace.registry.endpoint;

import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.VersionKey;
import java.util.List;
import java.util.Optional;

/**
 * What the runtimes of one pool report of versions. A draining runtime does not count: it takes no
 * new work. Immutable.
 */
public final class Replicas {
  private final List<MemberReport> members;

  /** The view of {@code pool} in the reports of all that are alive. */
  public Replicas(List<MemberReport> alive, String pool) {
    this.members = alive.stream().filter(it -> !it.draining() && it.pool().equals(pool)).toList();
  }

  /** Whether the pool has any runtime that takes work. */
  public boolean poolIsEmpty() {
    return members.isEmpty();
  }

  /** How many runtimes answer calls of the version, those included where it is asleep. */
  public int ready(VersionKey version) {
    return (int)
        members.stream().filter(it -> has(it, version, ReplicaState.READY).isPresent()).count();
  }

  /** On how many of these the version is not in memory and comes with the next call. */
  public int asleep(VersionKey version) {
    return (int)
        members.stream()
            .filter(
                it ->
                    has(it, version, ReplicaState.READY).filter(ReplicaReport::asleep).isPresent())
            .count();
  }

  /** A runtime that reports the version in a state. */
  public Optional<Located> find(VersionKey version, ReplicaState state) {
    for (var member : members) {
      var replica = has(member, version, state);
      if (replica.isPresent()) {
        return Optional.of(new Located(member.id(), replica.get()));
      }
    }
    return Optional.empty();
  }

  /** A replica and the runtime that reports it. */
  public record Located(String member, ReplicaReport replica) {}

  private static Optional<ReplicaReport> has(
      MemberReport member, VersionKey version, ReplicaState state) {
    return member.replicas().stream()
        .filter(it -> it.state() == state && it.version().equals(version))
        .findFirst();
  }
}
