package dev.millrace.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaReport;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.Snapshot;
import dev.millrace.protocol.internal.Snapshot.Assignment;
import dev.millrace.protocol.internal.Snapshot.EndpointEntry;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.protocol.internal.VersionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingTableTest {
  private final List<EndpointEntry> endpoints = new ArrayList<>();
  private final List<VersionEntry> versions = new ArrayList<>();
  private final List<MemberReport> members = new ArrayList<>();
  private final List<Assignment> assignments = new ArrayList<>();

  private static VersionKey key(int version) {
    return new VersionKey("p", "m", version);
  }

  private void endpoint(Map<String, Integer> aliases, TrafficTarget... traffic) {
    endpoints.add(
        new EndpointEntry("p", "e", "m", "cpu", List.of(traffic), ServingSpec.DEFAULT, aliases));
  }

  private void version(int number, VersionState state) {
    versions.add(
        new VersionEntry(
            key(number),
            "sha256:0",
            state,
            new Signature(List.of(), List.of()),
            ModelManifest.EMPTY,
            List.of()));
  }

  private void member(String id, boolean draining, int version, ReplicaState state, String reason) {
    members.add(
        new MemberReport(
            id,
            id + ":1",
            id + ":2",
            "cpu",
            "cpu",
            draining,
            List.of(new ReplicaReport(key(version), state, reason))));
    assignments.add(new Assignment(id, List.of(key(version)), List.of()));
  }

  private RoutingTable table() {
    return RoutingTable.of(
        new Snapshot(1, "x", endpoints, versions, members, assignments, List.of()));
  }

  private MillraceException failure(String version) {
    return catchThrowableOfType(
        MillraceException.class, () -> table().resolve("p", "e", version, 1));
  }

  @Test
  void routesToReplicasThatAreAssignedReadyAndNotDraining() {
    endpoint(Map.of(), new TrafficTarget(1, 100));
    version(1, VersionState.READY);
    member("ready", false, 1, ReplicaState.READY, null);
    member("draining", true, 1, ReplicaState.READY, null);
    member("loading", false, 1, ReplicaState.LOADING, null);
    members.add(
        new MemberReport(
            "unassigned",
            "u:1",
            "u:2",
            "cpu",
            "cpu",
            false,
            List.of(new ReplicaReport(key(1), ReplicaState.READY, null))));

    var route = table().resolve("p", "e", null, 1);

    assertThat(route.target()).isEqualTo(key(1));
    assertThat(route.candidates()).containsExactly(new Replica("ready", "ready:1", "ready:2"));
  }

  @Test
  void resolvesVersionsAndAliases() {
    endpoint(Map.of("champion", 2), new TrafficTarget(1, 100), new TrafficTarget(2, 0));
    version(1, VersionState.READY);
    version(2, VersionState.READY);
    member("a", false, 1, ReplicaState.READY, null);
    member("b", false, 2, ReplicaState.READY, null);

    assertThat(table().resolve("p", "e", "2", 1).target()).isEqualTo(key(2));
    assertThat(table().resolve("p", "e", "champion", 1).target()).isEqualTo(key(2));
    assertThat(table().resolve("p", "e", "", 1).target()).isEqualTo(key(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "99999999999999", "unknown", "1.0", "-1"})
  void doesNotFindOtherVersions(String version) {
    endpoint(Map.of(), new TrafficTarget(1, 100));
    version(1, VersionState.READY);
    member("a", false, 1, ReplicaState.READY, null);
    assertThat(failure(version).code()).isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void tellsWhichVersionsServe() {
    endpoint(Map.of(), new TrafficTarget(1, 90), new TrafficTarget(2, 10), new TrafficTarget(3, 0));
    for (int version = 1; version <= 3; version++) {
      version(version, VersionState.READY);
    }
    member("a", false, 1, ReplicaState.READY, null);
    member("b", false, 1, ReplicaState.READY, null);
    member("c", false, 2, ReplicaState.LOADING, null);
    member("d", false, 3, ReplicaState.READY, null);

    var all = table().serving("p", null, null);
    assertThat(all).hasSize(1);
    assertThat(all.getFirst().target()).isEqualTo(key(1));
    assertThat(all.getFirst().candidates()).hasSize(2);
    assertThat(table().serving("p", "e", null)).isEqualTo(all);
    assertThat(table().serving("p", "e", "3").getFirst().target()).isEqualTo(key(3));
    assertThat(table().serving("other", null, null)).isEmpty();
    var foreign =
        catchThrowableOfType(MillraceException.class, () -> table().serving("other", "e", null));
    assertThat(foreign.code()).isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void saysTheSameOfForeignAndUnknownNames() {
    endpoint(Map.of(), new TrafficTarget(1, 100));
    var foreign =
        catchThrowableOfType(MillraceException.class, () -> table().resolve("other", "e", null, 1));
    assertThat(foreign.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(foreign.message()).isEqualTo("model 'e' not found");
  }

  @Test
  void saysWhatAVersionWaitsFor() {
    endpoint(Map.of(), new TrafficTarget(1, 100));
    version(1, VersionState.READY);
    assertThat(failure(null).message()).contains("no runtime is assigned");

    member("failed", false, 1, ReplicaState.FAILED, "bad graph");
    assertThat(failure(null).message()).contains("failed to load: bad graph");

    member("loading", false, 1, ReplicaState.LOADING, null);
    assertThat(failure(null).message()).contains("it is loading");
    assertThat(failure(null).code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    assertThat(failure(null).retryAfter()).isPresent();
  }

  @Test
  void tellsRejectionFromWaiting() {
    endpoint(Map.of());
    assertThat(failure(null).message()).contains("no version that serves yet");

    version(1, VersionState.VALIDATING);
    assertThat(failure(null).code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    assertThat(failure(null).message()).contains("is being validated");

    versions.clear();
    version(1, VersionState.REJECTED);
    assertThat(failure(null).code()).isEqualTo(ErrorCode.MODEL_REJECTED);
  }

  @Test
  void splitsByWeightAndOnlyMovesKeysToTheRaisedVersion() {
    var before =
        WeightedSplit.of(
            List.of(new TrafficTarget(1, 70), new TrafficTarget(2, 20), new TrafficTarget(3, 10)),
            5);
    var after =
        WeightedSplit.of(
            List.of(new TrafficTarget(1, 70), new TrafficTarget(2, 20), new TrafficTarget(3, 40)),
            5);
    int[] counts = new int[4];
    for (int i = 0; i < 100_000; i++) {
      long hash = RequestHash.of("caller-" + i);
      int first = before.choose(hash).getAsInt();
      int second = after.choose(hash).getAsInt();
      counts[first]++;
      assertThat(second == first || second == 3).isTrue();
    }
    assertThat(counts[1]).isBetween(69_000, 71_000);
    assertThat(counts[2]).isBetween(19_000, 21_000);
    assertThat(counts[3]).isBetween(9_000, 11_000);
  }
}
