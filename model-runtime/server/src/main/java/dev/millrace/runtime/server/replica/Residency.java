package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.LoadedModel;
import dev.millrace.runtime.engine.ResidencyPolicy.Reason;
import dev.millrace.runtime.engine.ResidencyPolicy.Urgency;
import dev.millrace.runtime.server.config.RuntimeOptions;
import dev.millrace.runtime.server.metrics.RuntimeMetrics;
import dev.millrace.runtime.server.replica.MemoryBudget.Room;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Which versions are in memory: makes room for one by letting others go, and lets idle ones go by
 * itself. Those come back with their next call. Confined to the control thread.
 */
final class Residency {
  private static final Logger LOG = Logger.getLogger(Residency.class);

  private final ReplicaTable table;
  private final RuntimeMetrics metrics;
  private final Footprints footprints;
  private final MemoryBudget budget;
  private final ControlThread control;
  private final Runnable onRoom;
  private volatile long heldBytes;

  /**
   * Nothing in memory yet.
   *
   * @param onRoom runs on the control thread when memory has been given back
   */
  Residency(
      RuntimeOptions options,
      ReplicaTable table,
      RuntimeMetrics metrics,
      ControlThread control,
      Runnable onRoom) {
    this.table = table;
    this.metrics = metrics;
    this.footprints = new Footprints(options.member().hardwareClass());
    this.budget = new MemoryBudget(options.engine().memoryBudget());
    this.control = control;
    this.onRoom = onRoom;
    metrics.memory(options.engine().memoryBudget(), () -> heldBytes);
  }

  /**
   * Makes room for a version, if others can give way; never {@link Room.GiveWay}. What is granted
   * ends with {@link #arrived} or {@link #abandoned}.
   */
  Room makeRoom(Desired.Wanted wanted, Urgency urgency) {
    VersionKey version = wanted.version().key();
    long needed = footprints.of(wanted.version(), wanted.serving());
    var stay = MemoryBudget.Stay.of(wanted.serving());
    Room room = budget.room(version, needed, stay, urgency);
    while (room instanceof Room.GiveWay give) {
      sleep(give);
      room = budget.room(version, needed, stay, urgency);
    }
    heldBytes = budget.heldBytes();
    return room;
  }

  /** Lets go what nobody has called for as long as it asked, or what is over the budget. */
  void sweep() {
    Optional<Room.GiveWay> next = budget.sweep();
    while (next.isPresent()) {
      sleep(next.get());
      next = budget.sweep();
    }
    heldBytes = budget.heldBytes();
  }

  private void sleep(Room.GiveWay give) {
    VersionKey version = give.victim();
    if (!(table.state(version) instanceof ReplicaState.Ready ready)) {
      throw new IllegalStateException(version + " is in memory but not ready");
    }
    LOG.infof(
        "version=%s: unloaded until its next call: %s, bytes=%d, unused=%dms",
        version,
        give.reason() == Reason.IDLE ? "idle" : "others need the memory",
        ready.bytes(),
        ready.model().unused().toMillis());
    metrics.evicted(version, give.reason().name().toLowerCase(Locale.ROOT));
    sleep(version, ready, ready.asleep());
  }

  /** Serves one by other options that it needs not be loaded again for. */
  void serve(VersionKey version, ReplicaState.Ready ready, ServingOptions serving) {
    looked(ready.model()).serve(serving);
    budget.stays(version, MemoryBudget.Stay.of(serving));
    table.put(version, ready.as(serving));
    LOG.infof("version=%s: its options changed in place", version);
  }

  /** Lets one go; from here on calls wait for it to be loaded again. */
  void sleep(VersionKey version, ReplicaState.Ready ready, ReplicaState.Asleep asleep) {
    // First the state: a call that finds no lease any more must find that it may wait.
    table.put(version, asleep);
    release(version, ready.model(), () -> {});
  }

  /** A version that had got room has been loaded. */
  ReplicaState.Ready arrived(Desired.Wanted wanted, ReplicaLoader.Loaded loaded) {
    VersionKey key = wanted.version().key();
    footprints.grewBy(key, loaded.grewBy());
    long bytes = footprints.of(wanted.version(), wanted.serving());
    budget.arrived(
        key,
        new MemoryBudget.Held(
            loaded.model(), bytes, loaded.took(), MemoryBudget.Stay.of(wanted.serving())));
    heldBytes = budget.heldBytes();
    Replica replica = looked(loaded.model());
    var served =
        new ServedVersion(
            wanted.version(), replica.signature(), wanted.serving(), replica.labels().size());
    return new ReplicaState.Ready(loaded.model(), served, bytes);
  }

  private static Replica looked(LoadedModel<Replica> model) {
    try (var lease = model.inspect().orElseThrow()) {
      return lease.model();
    }
  }

  /** A version that had got room was not loaded. */
  void abandoned(VersionKey version) {
    budget.abandoned(version);
    heldBytes = budget.heldBytes();
  }

  /**
   * Unloads a model when its calls are over.
   *
   * @param freed runs on the control thread when its memory has been given back
   */
  void release(VersionKey version, LoadedModel<Replica> model, Runnable freed) {
    budget.leaving(version, model);
    heldBytes = budget.heldBytes();
    Replica replica = looked(model);
    var _ =
        model
            .unload()
            .thenCompose(_ -> replica.freed())
            .whenComplete(
                (_, failure) ->
                    control.run(
                        () -> {
                          if (failure != null) {
                            LOG.warnf("version=%s: unloading failed: %s", version, failure);
                          }
                          budget.freed();
                          freed.run();
                          onRoom.run();
                        }));
  }
}
