package dev.millrace.gateway.balancing;

import dev.millrace.gateway.routing.Replica;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A call in flight on a replica. Closed exactly once in effect: later closes do nothing. Safe from
 * any thread.
 */
public final class ReplicaToken {
  private final Replica replica;
  private final ReplicaLoad load;
  private final long startNanos;
  private final AtomicBoolean closed = new AtomicBoolean();

  ReplicaToken(Replica replica, ReplicaLoad load, long startNanos) {
    this.replica = replica;
    this.load = load;
    this.startNanos = startNanos;
    load.begin();
  }

  /** The replica that was chosen. */
  public Replica replica() {
    return replica;
  }

  /** When the call started, on the balancer's ticker. */
  public long startNanos() {
    return startNanos;
  }

  /**
   * Tells how the call ended.
   *
   * @return whether it was open until now
   */
  public boolean close(Outcome outcome) {
    if (!closed.compareAndSet(false, true)) {
      return false;
    }
    load.end(outcome);
    return true;
  }
}
