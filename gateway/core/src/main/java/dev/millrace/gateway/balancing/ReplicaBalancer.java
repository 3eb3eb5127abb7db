package dev.millrace.gateway.balancing;

import dev.millrace.gateway.routing.Replica;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Power of two choices (Mitzenmacher, 2001): of two replicas drawn at random, the less loaded one
 * takes the call. Load is this gateway's calls in flight on the runtime. Safe from any thread.
 */
public final class ReplicaBalancer {
  private final Map<String, ReplicaLoad> loads = new ConcurrentHashMap<>();
  private final RandomGenerator random;
  private final LongSupplier ticker;

  /**
   * A balancer that knows no replica yet.
   *
   * @param random safe from any thread
   * @param ticker nanoseconds that only grow, like {@link System#nanoTime()}
   */
  public ReplicaBalancer(RandomGenerator random, LongSupplier ticker) {
    this.random = random;
    this.ticker = ticker;
  }

  /**
   * Chooses a replica; the caller closes the token when the call has ended.
   *
   * @param candidates not empty
   * @param avoid a replica that just failed; taken only when there is no other
   */
  public ReplicaToken pick(List<Replica> candidates, @Nullable Replica avoid) {
    var choices = candidates;
    if (avoid != null && candidates.size() > 1) {
      choices = candidates.stream().filter(replica -> !replica.equals(avoid)).toList();
    }
    var chosen = choose(choices);
    return new ReplicaToken(chosen, load(chosen), ticker.getAsLong());
  }

  /** Calls of this gateway in flight on the runtime. */
  public int inFlight(String memberId) {
    var load = loads.get(memberId);
    return load == null ? 0 : load.inFlight();
  }

  /** Forgets runtimes that are gone and have no call in flight. */
  public void retain(Set<String> memberIds) {
    loads
        .entrySet()
        .removeIf(known -> !memberIds.contains(known.getKey()) && known.getValue().inFlight() == 0);
  }

  private Replica choose(List<Replica> choices) {
    int count = choices.size();
    if (count == 1) {
      return choices.getFirst();
    }
    int first = random.nextInt(count);
    int second = random.nextInt(count - 1);
    var one = choices.get(first);
    // The second draw skips the first one's place: two different replicas.
    var other = choices.get(second >= first ? second + 1 : second);
    return load(other).score() < load(one).score() ? other : one;
  }

  private ReplicaLoad load(Replica replica) {
    return loads.computeIfAbsent(replica.memberId(), id -> new ReplicaLoad());
  }
}
