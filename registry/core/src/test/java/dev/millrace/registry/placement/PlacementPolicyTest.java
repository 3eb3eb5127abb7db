package dev.millrace.registry.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.registry.RegistryFixture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacementPolicyTest {
  private final PlacementPolicy policy = new PlacementPolicy(1);

  @Test
  void everyVersionHasOneMemberWithinTheBound() {
    var assignments = policy.assign(members(4), needs(100), List.of(), Map.of());

    assertThat(assignments).hasSize(4);
    assertThat(assignments.stream().mapToInt(it -> it.load().size()).sum()).isEqualTo(100);
    assertThat(assignments).allSatisfy(it -> assertThat(it.load()).hasSizeLessThanOrEqualTo(32));
  }

  @Test
  void aMemberThatGoesMovesLittleMoreThanItsShare() {
    var before = places(policy.assign(members(5), needs(200), List.of(), Map.of()));
    var after = places(policy.assign(members(4), needs(200), List.of(), Map.of()));

    long moved =
        before.entrySet().stream()
            .filter(it -> !it.getValue().equals("r5"))
            .filter(it -> !it.getValue().equals(after.get(it.getKey())))
            .count();
    assertThat(moved).isLessThan(40);
  }

  @Test
  void poolsAreApartAndDrainingMembersGetNothing() {
    var gpu = RegistryFixture.member("g", "gpu", ReplicaState.READY);
    var draining = new MemberReport("d", "h", "h", "cpu", "cpu", true, List.of());
    var need = new Need("cpu", key(1));

    var assignments = policy.assign(List.of(gpu, draining), List.of(need), List.of(need), Map.of());

    assertThat(assignments).allSatisfy(it -> assertThat(it.load()).isEmpty());
    assertThat(assignments).allSatisfy(it -> assertThat(it.admit()).isEmpty());
  }

  @Test
  void severalReplicasGoToDifferentMembers() {
    var assignments =
        new PlacementPolicy(2)
            .assign(members(3), List.of(new Need("cpu", key(1))), List.of(), Map.of());

    assertThat(assignments).filteredOn(it -> !it.load().isEmpty()).hasSize(2);
  }

  @Test
  void isAFunctionOfItsArguments() {
    assertThat(policy.assign(members(3), needs(20), needs(5), Map.of()))
        .isEqualTo(policy.assign(members(3), needs(20), needs(5), Map.of()));
  }

  private static Map<VersionKey, String> places(List<Assignment> assignments) {
    var places = new HashMap<VersionKey, String>();
    assignments.forEach(it -> it.load().forEach(key -> places.put(key, it.memberId())));
    return places;
  }

  private static List<MemberReport> members(int count) {
    var members = new ArrayList<MemberReport>();
    for (int i = 1; i <= count; i++) {
      members.add(RegistryFixture.member("r" + i, "cpu", ReplicaState.READY));
    }
    return members;
  }

  private static List<Need> needs(int count) {
    var needs = new ArrayList<Need>();
    for (int i = 1; i <= count; i++) {
      needs.add(new Need("cpu", key(i)));
    }
    return needs;
  }

  private static VersionKey key(int i) {
    return new VersionKey("default", "model" + i, 1);
  }
}
