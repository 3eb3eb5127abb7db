package dev.millrace.registry.placement;

import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.VersionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Which runtime was asked to judge each version, and for how long it has been silent. Held in
 * memory only: after a restart everybody is asked anew. Thread-safe.
 */
public final class Judges {
  private final long patience;
  private final LongSupplier ticker;
  private final Map<VersionKey, Asked> asked = new HashMap<>();

  private record Asked(String member, long at, int turns) {}

  /**
   * The runtime whose turn it is, or was.
   *
   * @param silent whether it has had its time: another one is to be asked
   */
  public record Turn(String member, boolean silent) {}

  /**
   * A version that waits for a verdict.
   *
   * @param member who was asked last
   * @param since how long ago
   * @param turns how many times somebody was asked, this time included
   */
  public record Waiting(String member, Duration since, int turns) {}

  /** A version whose judge was silent, so that somebody is asked again. */
  public record Change(VersionKey version, String silent, String next) {}

  /**
   * Nobody was asked yet.
   *
   * @param patience how long a verdict may take
   * @param ticker nanoseconds of a clock that never jumps
   */
  public Judges(Duration patience, LongSupplier ticker) {
    this.patience = patience.toNanos();
    this.ticker = ticker;
  }

  /** Whose turn it is, for {@link PlacementPolicy}. */
  public synchronized Map<VersionKey, Turn> turns() {
    return asked.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> new Turn(entry.getValue().member(), silent(entry.getValue()))));
  }

  /** Takes what was assigned, in the place of all before; tells whose turn went by. */
  public synchronized List<Change> assigned(List<Assignment> assignments) {
    var changes = new ArrayList<Change>();
    var now = new HashMap<VersionKey, Asked>();
    for (var assignment : assignments) {
      for (var version : assignment.admit()) {
        var before = asked.get(version);
        if (before == null) {
          now.put(version, new Asked(assignment.memberId(), ticker.getAsLong(), 1));
        } else if (before.member().equals(assignment.memberId()) && !silent(before)) {
          now.put(version, before);
        } else {
          if (silent(before)) {
            changes.add(new Change(version, before.member(), assignment.memberId()));
          }
          now.put(
              version, new Asked(assignment.memberId(), ticker.getAsLong(), before.turns() + 1));
        }
      }
    }
    asked.clear();
    asked.putAll(now);
    return List.copyOf(changes);
  }

  /** Whether a turn has gone by. */
  public synchronized boolean anySilent() {
    return asked.values().stream().anyMatch(this::silent);
  }

  /** What the version waits for; empty when nobody was asked. */
  public synchronized Optional<Waiting> of(VersionKey version) {
    return Optional.ofNullable(asked.get(version))
        .map(
            it ->
                new Waiting(
                    it.member(), Duration.ofNanos(ticker.getAsLong() - it.at()), it.turns()));
  }

  private boolean silent(Asked it) {
    return ticker.getAsLong() - it.at() > patience;
  }
}
