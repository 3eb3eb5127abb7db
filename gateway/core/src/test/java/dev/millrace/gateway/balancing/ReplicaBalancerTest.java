package dev.millrace.gateway.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.routing.Replica;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReplicaBalancerTest {
  private final List<Replica> replicas =
      IntStream.range(0, 4).mapToObj(i -> new Replica("r" + i, "h" + i, "g" + i)).toList();
  private final ReplicaBalancer balancer = new ReplicaBalancer(new Random(7), () -> 0);

  @Test
  void keepsLoadEven() {
    Map<String, Integer> taken = new HashMap<>();
    for (int i = 0; i < 400; i++) {
      taken.merge(balancer.pick(replicas, null).replica().memberId(), 1, Integer::sum);
    }
    // Nothing is closed: two choices keep the replicas within a few calls of each other.
    assertThat(taken.values()).allSatisfy(count -> assertThat(count).isBetween(97, 103));
  }

  @Test
  void givesNewCallsToTheIdleOne() {
    var two = replicas.subList(0, 2);
    var first = balancer.pick(two, null);
    var second = balancer.pick(two, null);
    assertThat(second.replica()).isNotEqualTo(first.replica());
  }

  @Test
  void countsACallOnce() {
    var token = balancer.pick(replicas.subList(0, 1), null);
    assertThat(balancer.inFlight("r0")).isEqualTo(1);
    assertThat(token.close(Outcome.ANSWERED)).isTrue();
    assertThat(token.close(Outcome.FAILED)).isFalse();
    assertThat(balancer.inFlight("r0")).isZero();
  }

  @Test
  void avoidsAReplicaWhileThereIsAnother() {
    for (int i = 0; i < 50; i++) {
      assertThat(balancer.pick(replicas, replicas.get(1)).replica()).isNotEqualTo(replicas.get(1));
    }
    assertThat(balancer.pick(replicas.subList(1, 2), replicas.get(1)).replica())
        .isEqualTo(replicas.get(1));
  }

  @Test
  void forgetsRuntimesThatAreGone() {
    balancer.pick(replicas.subList(0, 1), null).close(Outcome.ANSWERED);
    var open = balancer.pick(replicas.subList(1, 2), null);
    balancer.retain(Set.of());
    assertThat(balancer.inFlight("r1")).isEqualTo(1);
    open.close(Outcome.ABANDONED);
    assertThat(balancer.inFlight("r1")).isZero();
  }
}
