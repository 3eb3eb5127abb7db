package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.VersionKey;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Takes versions out of service that are no longer assigned here: each answers for a while, see
 * {@link Departures}, then finishes the calls it has. Until it is forgotten it can come {@link
 * #back}, so that a version which is wanted or called again as it leaves turns nobody away.
 *
 * <p>Confined to the control thread of {@link ReplicaLifecycle}: taking back and unloading happen
 * one after the other, never at once.
 */
final class Unloads {
  private static final Logger LOG = Logger.getLogger(Unloads.class);

  /**
   * How long a version that was unloaded comes back when called: as long as those who route calls
   * may need to hear that it has gone.
   */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final Duration delay;
  private final ReplicaTable table;
  private final Residency residency;
  private final ControlThread control;
  private final Listener listener;
  private final Departures departures = new Departures();

  /** Who is told what becomes of a version. */
  interface Listener {
    /** Its state is another one. */
    void changed();

    /** It is forgotten. */
    void gone(VersionKey version);

    /** Whether it waited for memory to be loaded into; from now on it does not. */
    boolean waitsNoMore(VersionKey version);
  }

  Unloads(
      Duration delay,
      ReplicaTable table,
      Residency residency,
      ControlThread control,
      Listener listener) {
    this.delay = delay;
    this.table = table;
    this.residency = residency;
    this.control = control;
    this.listener = listener;
  }

  /** The version is wanted: if it was about to leave, it stays. */
  void cancel(VersionKey version) {
    departures.cancel(version);
  }

  /** The version is not wanted any more: it leaves, after the delay when it can answer calls. */
  void leave(VersionKey version) {
    ReplicaState state = table.state(version);
    if (!(state instanceof ReplicaState.Ready || state instanceof ReplicaState.Asleep)) {
      unload(version);
      return;
    }
    Departures.Ticket ticket = departures.begin(version);
    if (ticket != null) {
      LOG.debugf("version=%s: no longer assigned, unloading in %s", version, delay);
      control.after(
          delay,
          () -> {
            if (departures.end(version, ticket)) {
              unload(version);
            }
          });
    }
  }

  private void unload(VersionKey version) {
    ReplicaState state = table.state(version);
    switch (state) {
      case ReplicaState.Ready ready -> {
        ReplicaState.Unloading unloading = ready.unloading();
        // First the state: a call that finds no lease any more must find that it may wait.
        table.put(version, unloading);
        listener.changed();
        residency.release(
            version,
            ready.model(),
            () -> {
              LOG.infof("version=%s: unloaded", version);
              control.after(LINGER, () -> forget(version, unloading));
            });
      }
      case ReplicaState.Failed failed -> forget(version, failed);
      case ReplicaState.Asleep asleep -> forget(version, asleep);
      case ReplicaState.Loading early when listener.waitsNoMore(version) -> forget(version, early);
      case ReplicaState.Loading _, ReplicaState.Unloading _ -> {}
      case null -> {}
    }
  }

  /** Forgets the version, unless it is in another state by now. */
  private void forget(VersionKey version, ReplicaState state) {
    if (table.state(version) == state) {
      table.remove(version, state);
      listener.gone(version);
      listener.changed();
    }
  }

  /** A version that is being unloaded, or has just been, is there for calls again: asleep. */
  ReplicaState.Asleep back(VersionKey version, ReplicaState.Asleep asleep) {
    LOG.infof("version=%s: comes back as it leaves", version);
    table.put(version, asleep);
    listener.changed();
    return asleep;
  }
}
