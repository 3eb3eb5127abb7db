package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.error.ErrorCode;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.LoadedModel;
import dev.millrace.runtime.engine.ModelLease;
import dev.millrace.runtime.server.config.BatchingOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WaitingCallsTest {
  private static final VersionKey KEY = new VersionKey("default", "m", 1);
  private static final ServingOptions THREE =
      new ServingOptions(Duration.ofSeconds(30), new BatchingOptions(1, 3, Duration.ZERO));
  private static final MillraceException BROKEN =
      MillraceException.of(ErrorCode.MODEL_NOT_READY, "broken");

  private final AtomicLong now = new AtomicLong();
  private final WaitingCalls calls = new WaitingCalls(now::get);

  private CompletableFuture<ModelLease<Replica>> enter(long deadline) {
    return calls.enter(KEY, THREE, 100, deadline);
  }

  @Test
  void everyCallGetsALease() {
    List<CompletableFuture<ModelLease<Replica>>> waiting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiting.add(enter(1_000));
    }
    var model = new LoadedModel<Replica>(new FakeReplica());
    assertThat(calls.waiting(KEY)).isEqualTo(3);

    assertThat(calls.admit(KEY, model)).isEqualTo(3);

    assertThat(model.leases()).isEqualTo(3);
    waiting.forEach(call -> call.join().close());
    assertThat(model.leases()).isZero();
    assertThat(calls.waiting(KEY)).isZero();
    assertThat(calls.versions()).isEmpty();
  }

  @Test
  void refusesMoreThanTheQueueHolds() {
    for (int i = 0; i < 3; i++) {
      assertThat(enter(1_000)).isNotDone();
    }

    var refused = catchThrowableOfType(MillraceException.class, () -> enter(1_000));

    assertThat(refused.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(refused.details()).containsEntry("reason", "queue_full");
  }

  @Test
  void refusesMoreBytesThanTheQueueHolds() {
    assertThat(calls.enter(KEY, THREE, 200L << 20, 1_000)).isNotDone();

    var refused =
        catchThrowableOfType(
            MillraceException.class, () -> calls.enter(KEY, THREE, 100L << 20, 1_000));

    assertThat(refused.details()).containsEntry("reason", "queue_full");
  }

  @Test
  void whoGivesUpLeavesItsPlaceAndNoLease() {
    var gone = enter(1_000);
    var stays = enter(1_000);

    gone.completeExceptionally(BROKEN);

    assertThat(calls.waiting(KEY)).isEqualTo(1);
    var model = new LoadedModel<Replica>(new FakeReplica());
    assertThat(calls.admit(KEY, model)).isEqualTo(1);
    stays.join().close();
    assertThat(model.leases()).isZero();
  }

  @Test
  void endsCallsAtTheirDeadline() {
    var soon = enter(1_000);
    var later = enter(2_000);
    now.set(999);
    calls.expire(_ -> BROKEN);
    assertThat(soon).isNotDone();

    now.set(1_000);
    calls.expire(_ -> BROKEN);

    assertThat(failure(soon)).isSameAs(BROKEN);
    assertThat(later).isNotDone();
    assertThat(calls.waiting(KEY)).isEqualTo(1);
  }

  @Test
  void aFailedLoadEndsAllOfThem() {
    var first = enter(1_000);
    var second = enter(1_000);

    calls.fail(KEY, BROKEN);

    assertThat(failure(first)).isSameAs(BROKEN);
    assertThat(failure(second)).isSameAs(BROKEN);
  }

  @Test
  void stoppingEndsThoseWhoWaitAndRefusesTheRest() {
    var waiting = enter(1_000);

    calls.close();

    assertThat(failure(waiting).details()).containsEntry("reason", "draining");
    var refused = catchThrowableOfType(MillraceException.class, () -> enter(1_000));
    assertThat(refused.details()).containsEntry("reason", "draining");
  }

  private static MillraceException failure(CompletableFuture<?> call) {
    var thrown = catchThrowableOfType(CompletionException.class, call::join);
    return (MillraceException) thrown.getCause();
  }
}
