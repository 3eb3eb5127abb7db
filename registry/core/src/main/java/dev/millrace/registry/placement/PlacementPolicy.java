package dev.millrace.registry.placement;

import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.VersionKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which runtime loads which version, as a pure function.
 *
 * <p>Versions go to the members of their pool by rendezvous hashing (each pair of member and
 * version has a fixed score; the highest score wins), so a member that comes or goes moves only its
 * own share. A member takes at most 1.25 times the average, rounded up; what it cannot take goes to
 * the next highest score (Mirrokni, Thorup, Zadimoghaddam: Consistent Hashing with Bounded Loads).
 *
 * <p>A version that moves stays where it is ready until it is ready at its new place, so that a
 * moving version keeps serving.
 */
public final class PlacementPolicy {
  private static final double BOUND = 1.25;

  private final int replicas;

  /**
   * The policy.
   *
   * @param replicas how many members hold each version, at least 1
   */
  public PlacementPolicy(int replicas) {
    this.replicas = replicas;
  }

  /**
   * Assigns everything that is needed to the members that are alive.
   *
   * @param judges who was asked to judge each version in the last assignment; kept while alive and
   *     not silent for too long
   * @return one assignment for each member, by member id; draining members get nothing to do
   */
  public List<Assignment> assign(
      List<MemberReport> alive,
      Collection<Need> load,
      Collection<Need> admit,
      Map<VersionKey, Judges.Turn> judges) {
    var loads = new TreeMap<String, Set<VersionKey>>();
    var admits = new TreeMap<String, Set<VersionKey>>();
    for (var member : alive) {
      loads.put(member.id(), new TreeSet<>());
      admits.put(member.id(), new TreeSet<>());
    }
    var pools = byPool(alive);
    for (var pool : pools.entrySet()) {
      place(pool.getValue(), ofPool(load, pool.getKey()), loads);
      for (var version : ofPool(admit, pool.getKey())) {
        add(admits, judge(pool.getValue(), version, judges.get(version)), version);
      }
    }
    return loads.keySet().stream()
        .map(
            id ->
                new Assignment(
                    id,
                    List.copyOf(loads.getOrDefault(id, Set.of())),
                    List.copyOf(admits.getOrDefault(id, Set.of()))))
        .toList();
  }

  private void place(
      List<MemberReport> members, List<VersionKey> versions, Map<String, Set<VersionKey>> loads) {
    int copies = Math.min(replicas, members.size());
    int bound = (int) Math.ceil(BOUND * versions.size() * copies / members.size());
    var counts = new HashMap<String, Integer>();
    for (var version : versions) {
      var chosen = new ArrayList<MemberReport>();
      for (var member : ranked(members, version)) {
        if (chosen.size() == copies) {
          break;
        }
        if (counts.getOrDefault(member.id(), 0) < bound) {
          counts.merge(member.id(), 1, Integer::sum);
          chosen.add(member);
        }
      }
      chosen.forEach(it -> add(loads, it.id(), version));
      if (chosen.stream().noneMatch(it -> isReady(it, version))) {
        members.stream()
            .filter(it -> isReady(it, version))
            .forEach(it -> add(loads, it.id(), version));
      }
    }
  }

  private static void add(
      Map<String, Set<VersionKey>> assigned, String member, VersionKey version) {
    assigned.computeIfAbsent(member, it -> new TreeSet<>()).add(version);
  }

  /** Who was silent is followed by the next in rank, so that in the end everybody was asked. */
  private static String judge(
      List<MemberReport> members, VersionKey version, Judges.@Nullable Turn last) {
    var ranked = ranked(members, version).stream().map(MemberReport::id).toList();
    int at = last == null ? -1 : ranked.indexOf(last.member());
    if (last == null || at < 0) {
      return ranked.get(0);
    }
    return ranked.get(last.silent() ? (at + 1) % ranked.size() : at);
  }

  private static Map<String, List<MemberReport>> byPool(List<MemberReport> alive) {
    var pools = new TreeMap<String, List<MemberReport>>();
    for (var member : alive) {
      if (!member.draining()) {
        pools.computeIfAbsent(member.pool(), it -> new ArrayList<>()).add(member);
      }
    }
    return pools;
  }

  private static List<VersionKey> ofPool(Collection<Need> needs, String pool) {
    return needs.stream()
        .filter(it -> it.pool().equals(pool))
        .map(Need::version)
        .distinct()
        .sorted()
        .toList();
  }

  private static List<MemberReport> ranked(List<MemberReport> members, VersionKey version) {
    return members.stream()
        .sorted(
            Comparator.comparingLong((MemberReport it) -> score(it.id(), version))
                .reversed()
                .thenComparing(MemberReport::id))
        .toList();
  }

  private static boolean isReady(MemberReport member, VersionKey version) {
    return member.replicas().stream()
        .anyMatch(it -> it.state() == ReplicaState.READY && it.version().equals(version));
  }

  /** FNV-1a, then the finalizer of MurmurHash3, which spreads what FNV leaves in the low bits. */
  private static long score(String member, VersionKey version) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : (member + '\0' + version).getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }
}
