package dev.millrace.gateway.server.health;

import dev.millrace.gateway.server.filter.DrainState;
import dev.millrace.gateway.server.follow.SnapshotLifecycle;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The one answer to whether this gateway takes traffic. Safe from any thread. */
@Singleton
public class ReadyState {
  private final SnapshotLifecycle snapshots;
  private final DrainState drain;

  @Inject
  ReadyState(SnapshotLifecycle snapshots, DrainState drain) {
    this.snapshots = snapshots;
    this.drain = drain;
  }

  /** Not stopping, and the registry's word on what there is has been heard. */
  public boolean ready() {
    return !drain.draining() && snapshots.view().known();
  }
}
