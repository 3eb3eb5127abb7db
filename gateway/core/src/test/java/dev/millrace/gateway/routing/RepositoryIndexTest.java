package dev.millrace.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.gateway.routing.IndexEntry.State;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RepositoryIndexTest {
  private final List<EndpointEntry> endpoints = new ArrayList<>();
  private final List<VersionEntry> versions = new ArrayList<>();
  private final List<MemberReport> members = new ArrayList<>();
  private final List<Assignment> assignments = new ArrayList<>();

  private static VersionKey key(int version) {
    return new VersionKey("p", "m", version);
  }

  private void endpoint(String name, boolean suspended, TrafficTarget... traffic) {
    endpoints.add(
        new EndpointEntry(
            "p",
            name,
            "m",
            "cpu",
            List.of(traffic),
            ServingSpec.DEFAULT,
            Map.of("champion", 1),
            1,
            suspended));
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

  private void member(String id, int version, ReplicaState state, @Nullable String reason) {
    members.add(
        new MemberReport(
            id,
            id + ":1",
            id + ":2",
            "cpu",
            "cpu",
            false,
            List.of(new ReplicaReport(key(version), state, reason))));
    assignments.add(new Assignment(id, List.of(key(version)), List.of()));
  }

  private RoutingTable table() {
    return RoutingTable.of(
        new Snapshot(1, "x", endpoints, versions, members, assignments, List.of()));
  }

  @Test
  void listsEveryVersionWithItsReason() {
    endpoint("e", false, new TrafficTarget(1, 100));
    version(5, VersionState.VALIDATING);
    version(4, VersionState.READY);
    version(3, VersionState.REJECTED);
    version(2, VersionState.READY);
    version(1, VersionState.READY);
    member("a", 1, ReplicaState.READY, null);
    member("b", 2, ReplicaState.FAILED, "no memory");
    member("c", 4, ReplicaState.LOADING, null);

    assertThat(table().index("p", false).entries())
        .containsExactly(
            new IndexEntry("e", 1, State.READY, ""),
            new IndexEntry("e", 2, State.UNAVAILABLE, "it failed to load: no memory"),
            new IndexEntry("e", 3, State.UNAVAILABLE, "it did not pass admission"),
            new IndexEntry("e", 4, State.LOADING, "it is loading"),
            new IndexEntry("e", 5, State.UNAVAILABLE, "it is being validated"));
    assertThat(table().index("p", true).entries())
        .containsExactly(new IndexEntry("e", 1, State.READY, ""));
    assertThat(table().index("other", false).entries()).isEmpty();
  }

  @Test
  void isBoundedAndSaysHowMuchIsMissing() {
    version(1, VersionState.READY);
    member("a", 1, ReplicaState.FAILED, "x".repeat(10_000));
    for (int i = 0; i < RepositoryIndex.MOST_ENTRIES + 3; i++) {
      endpoint("e%05d".formatted(i), false, new TrafficTarget(1, 100));
    }

    var index = table().index("p", false);

    assertThat(index.entries()).hasSize(RepositoryIndex.MOST_ENTRIES);
    assertThat(index.entries().getLast().endpoint()).isEqualTo("e09999");
    assertThat(index.entries().getFirst().reason()).hasSizeLessThan(250);
    assertThat(index.leftOut()).isEqualTo(3);
  }

  @Test
  void aSuspendedEndpointTakesNoCallsWhateverIsLoaded() {
    endpoint("asleep", true, new TrafficTarget(1, 100));
    endpoint("awake", false, new TrafficTarget(1, 100));
    version(1, VersionState.READY);
    member("a", 1, ReplicaState.READY, null);

    for (var version : new String[] {null, "1", "champion"}) {
      var refused =
          catchThrowableOfType(
              MillraceException.class, () -> table().resolve("p", "asleep", version, 1));
      assertThat(refused.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
      assertThat(refused.message())
          .contains("'asleep' was unloaded", "POST /v2/repository/models/asleep/load");
      assertThat(refused.details()).containsEntry("reason", "unloaded");
      assertThat(refused.retryAfter()).contains(Duration.ofSeconds(30));
    }
    assertThat(table().index("p", false).entries())
        .containsExactly(
            new IndexEntry("asleep", 1, State.UNAVAILABLE, "unloaded"),
            new IndexEntry("awake", 1, State.READY, ""));
    assertThat(table().serving("p", "asleep", null)).isEmpty();
    assertThat(table().resolve("p", "awake", null, 1).target()).isEqualTo(key(1));
  }

  @Test
  void tellsWhatAnEndpointWaitsFor() {
    endpoint("e", false, new TrafficTarget(1, 50), new TrafficTarget(2, 50));
    version(1, VersionState.READY);
    version(2, VersionState.READY);
    member("a", 1, ReplicaState.READY, null);
    assertThat(table().obstacle("p", "e").orElseThrow().message())
        .contains("version 2 is not ready", "no runtime is assigned");
    assertThat(table().failed("p", "e")).isFalse();

    member("b", 2, ReplicaState.FAILED, "no memory");
    assertThat(table().obstacle("p", "e").orElseThrow().message()).contains("no memory");
    assertThat(table().failed("p", "e")).isTrue();

    member("c", 2, ReplicaState.LOADING, null);
    assertThat(table().failed("p", "e")).isFalse();

    member("d", 2, ReplicaState.READY, null);
    assertThat(table().obstacle("p", "e")).isEmpty();
    assertThat(table().obstacle("p", "nobody").orElseThrow().code()).isEqualTo(ErrorCode.NOT_FOUND);
  }
}
