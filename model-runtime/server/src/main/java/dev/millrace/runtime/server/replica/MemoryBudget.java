package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.LoadedModel;
import dev.millrace.runtime.engine.ResidencyPolicy;
import dev.millrace.runtime.engine.ResidencyPolicy.Action;
import dev.millrace.runtime.engine.ResidencyPolicy.Reason;
import dev.millrace.runtime.engine.ResidencyPolicy.Resident;
import dev.millrace.runtime.engine.ResidencyPolicy.Urgency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of the memory that versions hold, are about to hold, or give back, and says who
 * gives way. What is in use never does. Confined to the control thread.
 */
final class MemoryBudget {
  private static final String KEY = "millrace.runtime.memory-budget";

  private final long budget;
  private final Map<VersionKey, Held> residents = new HashMap<>();
  private final Map<VersionKey, Reserved> reserved = new HashMap<>();
  private int beingFreed;

  /**
   * Nothing loaded yet.
   *
   * @param bytes what versions may hold together
   */
  MemoryBudget(long bytes) {
    this.budget = bytes;
  }

  /**
   * One version in memory.
   *
   * @param bytes that it holds
   * @param loadTime what loading it took
   * @param stay how long it may stay without calls
   */
  record Held(LoadedModel<Replica> model, long bytes, Duration loadTime, Stay stay) {}

  /**
   * How long a version may stay without calls.
   *
   * @param pinned whether it stays in any case
   * @param idleAfter null means until others need the memory
   */
  record Stay(boolean pinned, @Nullable Duration idleAfter) {
    static Stay of(ServingOptions serving) {
      return new Stay(serving.pinned(), serving.idleAfter());
    }
  }

  /** What is being loaded. */
  private record Reserved(long bytes, boolean pinned) {}

  /** Whether a version can be loaded now. */
  sealed interface Room {
    /** It is reserved. */
    record Granted() implements Room {}

    /** Let this one go, then ask again. */
    record GiveWay(VersionKey victim, Reason reason) implements Room {}

    /** Memory is being given back: ask again when it is. */
    record Soon() implements Room {}

    /**
     * What is loaded is in use, or has just been.
     *
     * @param missingBytes by how much
     */
    record Full(long missingBytes) implements Room {}

    /** It will not fit, whoever gives way. */
    record Never(String reason) implements Room {}
  }

  /** Whether {@code needed} bytes are there for {@code version}; if so they are its own. */
  Room room(VersionKey version, long needed, Stay stay, Urgency urgency) {
    long pinned = needed > budget ? 0 : pinnedBeside(version);
    if (needed + pinned > budget) {
      return new Room.Never(tooLarge(needed, pinned));
    }
    return switch (ResidencyPolicy.next(snapshot(), budget, needed, urgency)) {
      case Action.Unload<VersionKey> unload -> new Room.GiveWay(unload.key(), unload.reason());
      case Action.Refuse<VersionKey> refuse ->
          beingFreed > 0 ? new Room.Soon() : new Room.Full(refuse.missingBytes());
      case Action.Proceed<VersionKey> _ -> {
        if (beingFreed > 0) {
          yield new Room.Soon();
        }
        reserved.put(version, new Reserved(needed, stay.pinned()));
        yield new Room.Granted();
      }
    };
  }

  private long pinnedBeside(VersionKey version) {
    long loaded =
        residents.entrySet().stream()
            .filter(held -> held.getValue().stay().pinned() && !held.getKey().equals(version))
            .mapToLong(held -> held.getValue().bytes())
            .sum();
    long loading =
        reserved.entrySet().stream()
            .filter(one -> one.getValue().pinned() && !one.getKey().equals(version))
            .mapToLong(one -> one.getValue().bytes())
            .sum();
    return loaded + loading;
  }

  private String tooLarge(long needed, long pinned) {
    String others =
        pinned == 0 ? "" : " beside " + Bytes.text(pinned) + " of versions that must stay loaded";
    return "it needs %s%s, but %s allows %s"
        .formatted(Bytes.text(needed), others, KEY, Bytes.text(budget));
  }

  /** The next one to let go without anybody having asked: for being idle, or over the budget. */
  Optional<Room.GiveWay> sweep() {
    return ResidencyPolicy.next(snapshot(), budget, 0)
            instanceof Action.Unload<VersionKey>(VersionKey key, Reason reason)
        ? Optional.of(new Room.GiveWay(key, reason))
        : Optional.empty();
  }

  /** The version has been loaded into what was reserved. */
  void arrived(VersionKey version, Held held) {
    reserved.remove(version);
    residents.put(version, held);
  }

  /** A version in memory may stay otherwise from now on. */
  void stays(VersionKey version, Stay stay) {
    residents.computeIfPresent(
        version, (_, held) -> new Held(held.model(), held.bytes(), held.loadTime(), stay));
  }

  /** It was not loaded after all. */
  void abandoned(VersionKey version) {
    reserved.remove(version);
  }

  /** Its memory is being given back; tell {@link #freed()} when it has been. */
  void leaving(VersionKey version, LoadedModel<Replica> model) {
    Held held = residents.get(version);
    if (held != null && held.model() == model) {
      residents.remove(version);
    }
    beingFreed++;
  }

  /** One that was leaving is gone. */
  void freed() {
    beingFreed--;
  }

  /** Bytes of everything loaded or being loaded. */
  long heldBytes() {
    return snapshot().stream().mapToLong(Resident::bytes).sum();
  }

  private List<Resident<VersionKey>> snapshot() {
    List<Resident<VersionKey>> all = new ArrayList<>();
    residents.forEach(
        (key, held) ->
            all.add(
                new Resident<>(
                    key,
                    held.bytes(),
                    held.loadTime(),
                    held.model().unused(),
                    held.model().age(),
                    held.model().leases() > 0 || reserved.containsKey(key),
                    held.stay().pinned(),
                    held.stay().idleAfter())));
    reserved.forEach(
        (key, one) ->
            all.add(
                new Resident<>(
                    key,
                    one.bytes(),
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    true,
                    false,
                    null)));
    return all;
  }
}
