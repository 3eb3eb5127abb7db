package dev.millrace.runtime.engine;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which loaded version gives way: the ones that were idle for longer than they asked, then, when
 * memory is short, the one whose idle time is the largest multiple of its reload time (plain LRU
 * would sooner unload a large model that takes a minute than a small one that takes 50 ms). Pure:
 * ask for the next action, perform it, ask again.
 *
 * <p>Never unloaded: what is pinned, what is in use, and what was used within twice its reload
 * time, or two busy versions that do not fit together would load each other out all day. While
 * calls wait for the room, what counts instead is how long a version has been there: the two then
 * take turns, and spend at most a third of the time on loading, but neither starves the other.
 */
public final class ResidencyPolicy {
  /** Also a quick load is not worth repeating more often than this. */
  private static final Duration SHORTEST_STAY = Duration.ofSeconds(1);

  /** The same while calls wait; their patience is shorter. */
  private static final Duration SHORTEST_TURN = Duration.ofMillis(250);

  private ResidencyPolicy() {}

  /**
   * One version in memory.
   *
   * @param bytes what it holds, measured or estimated
   * @param loadTime what loading it again would take
   * @param unused how long ago its last call ended, or it was loaded
   * @param age how long ago it was loaded
   * @param inUse whether calls are running
   * @param pinned whether it must stay
   * @param idleAfter after how long without calls it gives way in any case; null means never
   */
  public record Resident<K>(
      K key,
      long bytes,
      Duration loadTime,
      Duration unused,
      Duration age,
      boolean inUse,
      boolean pinned,
      @Nullable Duration idleAfter) {

    private boolean idle() {
      return !pinned && !inUse && idleAfter != null && unused.compareTo(idleAfter) >= 0;
    }

    private boolean evictable(Urgency urgency) {
      boolean urgent = urgency == Urgency.CALLS_WAIT;
      Duration spent = urgent ? age : unused;
      return !pinned
          && !inUse
          && spent.compareTo(urgent ? SHORTEST_TURN : SHORTEST_STAY) >= 0
          && spent.compareTo(loadTime.multipliedBy(2)) >= 0;
    }

    private double idleness() {
      return (double) unused.toNanos() / Math.max(1, loadTime.toNanos());
    }
  }

  /** What to do next. */
  public sealed interface Action<K> {
    /** Nothing more: what was asked for fits. */
    record Proceed<K>() implements Action<K> {}

    /** Unload this one, then ask again. */
    record Unload<K>(K key, Reason reason) implements Action<K> {}

    /**
     * It cannot be made to fit now; nobody is unloaded in vain.
     *
     * @param missingBytes by how much
     */
    record Refuse<K>(long missingBytes) implements Action<K> {}
  }

  /** Who wants the memory. */
  public enum Urgency {
    /** A version that nobody calls just now, or the house itself. */
    NOBODY_WAITS,
    /** A version that calls wait for. */
    CALLS_WAIT
  }

  /** Why a version gives way. */
  public enum Reason {
    IDLE,
    MEMORY
  }

  /**
   * The next action when nobody waits.
   *
   * @param residents everything in memory now, what is being loaded included (as in use)
   * @param budgetBytes what they may hold together
   * @param neededBytes what is about to be loaded; 0 when only looking after the house
   */
  public static <K> Action<K> next(
      List<Resident<K>> residents, long budgetBytes, long neededBytes) {
    return next(residents, budgetBytes, neededBytes, Urgency.NOBODY_WAITS);
  }

  /** The next action. */
  public static <K> Action<K> next(
      List<Resident<K>> residents, long budgetBytes, long neededBytes, Urgency urgency) {
    Optional<Resident<K>> idle = residents.stream().filter(Resident::idle).findFirst();
    if (idle.isPresent()) {
      return new Action.Unload<>(idle.get().key(), Reason.IDLE);
    }
    long held = residents.stream().mapToLong(Resident::bytes).sum();
    long missing = held + neededBytes - budgetBytes;
    if (missing <= 0) {
      return new Action.Proceed<>();
    }
    List<Resident<K>> evictable =
        residents.stream().filter(resident -> resident.evictable(urgency)).toList();
    long freeable = evictable.stream().mapToLong(Resident::bytes).sum();
    if (neededBytes > 0 && freeable < missing) {
      return new Action.Refuse<>(missing - freeable);
    }
    return evictable.stream()
        .max(
            Comparator.<Resident<K>>comparingDouble(Resident::idleness)
                .thenComparingLong(Resident::bytes))
        .<Action<K>>map(resident -> new Action.Unload<>(resident.key(), Reason.MEMORY))
        .orElseGet(Action.Proceed::new);
  }
}
