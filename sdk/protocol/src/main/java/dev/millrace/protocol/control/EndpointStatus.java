package dev.millrace.protocol.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint does now.
 *
 * @param traffic the weights that are in force; empty while nothing serves
 * @param ready whether a call would be answered now
 * @param replicas ready replicas of the versions that carry traffic
 * @param waitingFor one sentence that says what the endpoint waits for and why; null when it serves
 *     what its spec asks for
 * @param suspended whether its spec keeps it unloaded: it answers no call until that is changed
 * @param asleep how many of the ready replicas are not in memory: the next call wakes them, and
 *     waits for that
 */
public record EndpointStatus(
    List<TrafficTarget> traffic,
    boolean ready,
    int replicas,
    @Nullable String waitingFor,
    boolean suspended,
    int asleep) {

  /** What an endpoint does that is not suspended, with all replicas in memory. */
  public EndpointStatus(
      List<TrafficTarget> traffic, boolean ready, int replicas, @Nullable String waitingFor) {
    this(traffic, ready, replicas, waitingFor, false, 0);
  }
}
