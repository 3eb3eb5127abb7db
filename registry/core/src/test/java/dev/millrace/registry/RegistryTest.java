package dev.millrace.registry;

import static dev.millrace.registry.RegistryFixture.IRIS;
import static dev.millrace.registry.RegistryFixture.V1;
import static dev.millrace.registry.RegistryFixture.V2;
import static dev.millrace.registry.RegistryFixture.member;
import static dev.millrace.registry.RegistryFixture.serves;
import static dev.millrace.registry.RegistryFixture.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.MemberReport.ReplicaState;
import dev.millrace.protocol.internal.RegistryLink.Audience;
import dev.millrace.registry.endpoint.Endpoints;
import dev.millrace.registry.paging.PageRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {
  private static final Endpoints.Write ANY = new Endpoints.Write(null, "tester");

  @TempDir Path folder;
  private RegistryFixture it;

  @BeforeEach
  void start() throws Exception {
    it = new RegistryFixture(folder);
  }

  @AfterEach
  void nothingFailedBehindTheScenes() {
    assertThat(it.failures).isEmpty();
  }

  @Test
  void uploadsValidatesLoadsAndServesTheFirstVersion() throws Exception {
    assertThat(it.upload(3).version().state()).isEqualTo(VersionState.UPLOADED);
    it.put(serves(1));
    assertThat(it.waitingFor())
        .isEqualTo("waiting for a runtime: no member of pool 'cpu' is alive");

    it.reports("r1");
    assertThat(it.assignment("r1").admit()).containsExactly(V1);
    assertThat(it.waitingFor()).isEqualTo("version 1 is being validated by runtime r1");

    it.admits(V1);
    assertThat(it.assignment("r1").admit()).isEmpty();
    assertThat(it.assignment("r1").load()).containsExactly(V1);
    assertThat(it.waitingFor()).isEqualTo("version 1 waits to be loaded");
    assertThat(it.traffic()).isEmpty();

    it.reports("r1", V1);
    assertThat(it.traffic()).containsExactly(new TrafficTarget(1, 100));
    assertThat(it.waitingFor()).isNull();
    var status = it.registry.endpoints().get("default", "iris").status();
    assertThat(status.ready()).isTrue();
    assertThat(status.replicas()).isEqualTo(1);
    assertThat(it.registry.events().of("default", "iris", 0, 100).items())
        .extracting("type")
        .containsExactly("VersionUploaded", "EndpointChanged", "VersionReady", "TrafficSwitched");
  }

  @Test
  void theSameFilesAreTheSameVersion() throws Exception {
    var first = it.upload(3);
    var again = it.upload(3);

    assertThat(first.created()).isTrue();
    assertThat(again.created()).isFalse();
    assertThat(again.version()).isEqualTo(first.version());
    assertThat(it.registry.versions().list(IRIS, PageRequest.FIRST).items()).hasSize(1);
  }

  @Test
  void keepsTheOldVersionAssignedUntilTheNewOneServes() throws Exception {
    givenServing();
    it.upload(2);
    it.put(serves(2));
    it.admits(V2);

    assertThat(it.assignment("r1").load()).containsExactly(V1, V2);
    assertThat(it.traffic()).containsExactly(new TrafficTarget(1, 100));
    assertThat(it.waitingFor()).isEqualTo("version 2 waits to be loaded; still serving 1");

    it.reports("r1", V1, V2);
    assertThat(it.traffic()).containsExactly(new TrafficTarget(2, 100));
    assertThat(it.assignment("r1").load()).containsExactly(V2);
  }

  @Test
  void aRejectedVersionNeverServesAndTheFirstVerdictStands() throws Exception {
    givenServing();
    it.upload(2);
    it.put(serves(2));
    it.rejects(V2, "no such operator");
    it.admits(V2);
    it.reports("r1", V1, V2);

    assertThat(it.traffic()).containsExactly(new TrafficTarget(1, 100));
    assertThat(it.waitingFor())
        .isEqualTo("version 2 was rejected: no such operator; still serving 1");
    assertThat(it.registry.versions().get(V2).state()).isEqualTo(VersionState.REJECTED);
    fails(ErrorCode.MODEL_REJECTED, () -> it.put(weights(new TrafficTarget(2, 100))))
        .hasMessage("version 2 of model 'iris' was rejected: no such operator");
  }

  @Test
  void saysThatALoadFailedAndWhy() throws Exception {
    givenServing();
    it.upload(2);
    it.put(serves(2));
    it.admits(V2);
    it.registry.report(member("r2", "cpu", ReplicaState.FAILED, V2));

    assertThat(it.waitingFor())
        .isEqualTo("version 2 failed to load on runtime r2: out of memory; still serving 1");
  }

  @Test
  void fixedWeightsComeIntoForceWhenAllAreLoaded() throws Exception {
    givenServing();
    it.upload(2);
    it.admits(V2);
    it.put(weights(new TrafficTarget(1, 90), new TrafficTarget(2, 10)));
    assertThat(it.traffic()).containsExactly(new TrafficTarget(1, 100));

    it.reports("r1", V1, V2);
    assertThat(it.traffic()).containsExactly(new TrafficTarget(1, 90), new TrafficTarget(2, 10));
  }

  @Test
  void weightZeroKeepsAVersionLoaded() throws Exception {
    givenServing();
    it.upload(2);
    it.admits(V2);
    it.put(weights(new TrafficTarget(1, 100), new TrafficTarget(2, 0)));

    assertThat(it.traffic()).containsExactly(new TrafficTarget(1, 100), new TrafficTarget(2, 0));
    assertThat(it.assignment("r1").load()).containsExactly(V1, V2);
    assertThat(it.waitingFor()).isNull();
  }

  @Test
  void revertReturnsToWhatServedBefore() throws Exception {
    givenServing();
    it.upload(2);
    it.admits(V2);
    it.put(serves(2));
    it.reports("r1", V1, V2);

    var reverted = it.registry.endpoints().revert("default", "iris", OptionalLong.empty(), ANY);

    assertThat(reverted.revision()).isEqualTo(3);
    assertThat(reverted.spec()).isEqualTo(serves(1));
    assertThat(reverted.status().traffic()).containsExactly(new TrafficTarget(1, 100));
    var revisions = it.registry.endpoints().revisions("default", "iris", PageRequest.FIRST);
    assertThat(revisions.items()).extracting("revision").containsExactly(3L, 2L, 1L);
    assertThat(revisions.items().get(0).reason()).isEqualTo("reverted to revision 1");
    fails(
        ErrorCode.NOT_FOUND,
        () -> it.registry.endpoints().revert("default", "iris", OptionalLong.of(9), ANY));
  }

  @Test
  void theSameSpecAgainChangesNothing() throws Exception {
    givenServing();
    long number = it.snapshot().number();
    it.put(serves(1));

    assertThat(it.registry.endpoints().get("default", "iris").revision()).isEqualTo(1);
    assertThat(it.snapshot().number()).isEqualTo(number);
  }

  @Test
  void anUnexpectedRevisionIsStale() throws Exception {
    givenServing();
    it.upload(2);
    fails(
        ErrorCode.STALE_REVISION,
        () ->
            it.registry
                .endpoints()
                .put("default", "iris", serves(2), new Endpoints.Write(7L, "x")));
    fails(
        ErrorCode.STALE_REVISION,
        () ->
            it.registry
                .endpoints()
                .put("default", "iris", serves(2), new Endpoints.Write(0L, "x")));
  }

  @Test
  void aDeletedEndpointLeavesTheSnapshotAndItsVersionsAreUnassigned() throws Exception {
    givenServing();
    it.registry.endpoints().delete("default", "iris", ANY);

    assertThat(it.snapshot().endpoints()).isEmpty();
    assertThat(it.assignment("r1").load()).isEmpty();
    fails(ErrorCode.NOT_FOUND, () -> it.registry.endpoints().get("default", "iris"));
    assertThat(it.registry.events().of("default", "iris", 0, 100).items().getLast().type())
        .isEqualTo("EndpointDeleted");
  }

  @Test
  void anotherRuntimeJudgesWhenTheChosenOneDies() throws Exception {
    it.reports("r1");
    it.upload(3);
    assertThat(it.assignment("r1").admit()).containsExactly(V1);
    it.reports("r2");
    assertThat(it.assignment("r1").admit()).containsExactly(V1);

    it.nanos.addAndGet(Duration.ofSeconds(8).toNanos());
    it.reports("r2");
    it.nanos.addAndGet(Duration.ofSeconds(3).toNanos());
    assertThat(it.registry.tick()).containsExactly("r1");

    assertThat(it.assignment("r2").admit()).containsExactly(V1);
  }

  @Test
  void aMovingVersionStaysWhereItIsReady() throws Exception {
    givenServing();
    for (int i = 2; i <= 9; i++) {
      it.reports("r" + i);
    }
    assertThat(it.assignment("r1").load()).containsExactly(V1);
  }

  @Test
  void aliasesNeedAReadyVersionAndMoveByCompareAndSet() throws Exception {
    it.reports("r1");
    it.upload(3);
    fails(ErrorCode.MODEL_NOT_READY, () -> it.registry.aliases().move(IRIS, "champion", 1, null));
    it.admits(V1);

    assertThat(it.registry.aliases().move(IRIS, "champion", 1, 0L).revision()).isEqualTo(1);
    assertThat(it.registry.versions().get(IRIS, "champion").version()).isEqualTo(1);
    fails(ErrorCode.STALE_REVISION, () -> it.registry.aliases().move(IRIS, "champion", 1, 0L));
    fails(ErrorCode.INVALID_ARGUMENT, () -> it.registry.aliases().move(IRIS, "12", 1, null));
    fails(ErrorCode.NOT_FOUND, () -> it.registry.aliases().move(IRIS, "champion", 5, null));
  }

  @Test
  void refusesToDeleteWhatIsUsedAndThenDeletesItsFiles() throws Exception {
    givenServing();
    it.registry.aliases().move(IRIS, "champion", 1, null);
    fails(ErrorCode.INVALID_ARGUMENT, () -> it.registry.versions().delete(V1))
        .hasMessageContaining("endpoint 'iris' uses it");
    fails(ErrorCode.INVALID_ARGUMENT, () -> it.registry.models().delete(IRIS));
    it.registry.endpoints().delete("default", "iris", ANY);
    fails(ErrorCode.INVALID_ARGUMENT, () -> it.registry.versions().delete(V1))
        .hasMessageContaining("alias 'champion' names it");
    it.registry.aliases().remove(IRIS, "champion", null);

    it.registry.versions().delete(V1);
    assertThat(it.registry.blobs().digests()).isEmpty();
    it.registry.models().delete(IRIS);
    fails(ErrorCode.NOT_FOUND, () -> it.registry.models().get(IRIS));
    assertThat(it.upload(3).version().version()).isEqualTo(2);
  }

  @Test
  void onlyGatewaysReceiveKeys() throws Exception {
    assertThat(it.started.firstKey().orElseThrow()).matches("mr_[a-z0-9]{12}_[A-Za-z0-9_-]{43}");
    var gateway = it.registry.snapshots().await(0, "", Audience.GATEWAY, Duration.ZERO);
    var runtime = it.registry.snapshots().await(0, "", Audience.RUNTIME, Duration.ZERO);
    assertThat(gateway.orElseThrow().keys()).hasSize(1);
    assertThat(runtime.orElseThrow().keys()).isEmpty();
  }

  @Test
  void repeatedReportsPublishNothing() throws Exception {
    it.reports("r1");
    long number = it.snapshot().number();
    it.reports("r1");
    it.registry.tick();

    assertThat(it.snapshot().number()).isEqualTo(number);
  }

  private void givenServing() throws Exception {
    it.reports("r1");
    it.upload(3);
    it.admits(V1);
    it.put(serves(1));
    it.reports("r1", V1);
    assertThat(it.traffic()).containsExactly(new TrafficTarget(1, 100));
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> fails(
      ErrorCode code, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MillraceException.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }
}
