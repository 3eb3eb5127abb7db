package dev.millrace.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.VersionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RouteTest {
  private static final int KEYS = 3_000;

  private static Route route(List<Replica> candidates) {
    var entry =
        new EndpointEntry(
            "default",
            "vad",
            "vad",
            "cpu",
            List.of(new TrafficTarget(1, 100)),
            ServingSpec.DEFAULT,
            Map.of());
    return new Route(new VersionKey("default", "vad", 1), entry, candidates);
  }

  private static List<Replica> replicas(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Replica("runtime-" + i, "host:" + i, "host:" + (1_000 + i)))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static Map<Integer, Replica> pins(List<Replica> candidates) {
    var pins = new HashMap<Integer, Replica>();
    for (int key = 0; key < KEYS; key++) {
      var pinned = route(candidates).pinned(RequestHash.of("sequence-" + key)).candidates();
      assertThat(pinned).hasSize(1);
      pins.put(key, pinned.getFirst());
    }
    return pins;
  }

  @Test
  void aKeyStaysWithItsReplicaInWhateverOrderTheyAreListed() {
    var candidates = replicas(5);
    assertThat(pins(candidates.reversed())).isEqualTo(pins(candidates));
  }

  @Test
  void keysAreSpreadEvenly() {
    var shares =
        pins(replicas(5)).values().stream()
            .collect(Collectors.groupingBy(Replica::memberId, Collectors.counting()));
    assertThat(shares).hasSize(5);
    assertThat(shares.values()).allSatisfy(share -> assertThat(share).isBetween(450L, 750L));
  }

  @Test
  void onlyTheKeysOfAReplicaThatLeavesMove() {
    var five = replicas(5);
    var before = pins(five);
    var gone = five.remove(2);
    var after = pins(five);
    before.forEach(
        (key, replica) -> {
          if (!replica.equals(gone)) {
            assertThat(after.get(key)).isEqualTo(replica);
          }
        });
  }
}
