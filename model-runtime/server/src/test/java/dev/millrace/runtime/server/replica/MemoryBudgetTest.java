package dev.millrace.runtime.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.internal.VersionKey;
import dev.millrace.runtime.engine.LoadedModel;
import dev.millrace.runtime.engine.ResidencyPolicy.Reason;
import dev.millrace.runtime.engine.ResidencyPolicy.Urgency;
import dev.millrace.runtime.server.replica.MemoryBudget.Held;
import dev.millrace.runtime.server.replica.MemoryBudget.Room;
import dev.millrace.runtime.server.replica.MemoryBudget.Stay;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final long MIB = 1 << 20;
  private static final Duration QUICK = Duration.ofMillis(100);
  private static final Stay WELCOME = new Stay(false, null);
  private static final Stay PINNED = new Stay(true, null);
  private static final VersionKey A = new VersionKey("default", "a", 1);
  private static final VersionKey B = new VersionKey("default", "b", 1);
  private static final VersionKey C = new VersionKey("default", "c", 1);

  private final AtomicLong now = new AtomicLong();
  private final MemoryBudget budget = new MemoryBudget(100 * MIB);

  private LoadedModel<Replica> load(VersionKey key, long mib, Stay stay) {
    assertThat(budget.room(key, mib * MIB, stay, Urgency.NOBODY_WAITS))
        .isEqualTo(new Room.Granted());
    var model = new LoadedModel<Replica>(new FakeReplica(), now::get);
    budget.arrived(key, new Held(model, mib * MIB, QUICK, stay));
    return model;
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void keepsAccountOfWhatIsLoadedAndBeingLoaded() {
    load(A, 60, WELCOME);
    assertThat(budget.room(B, 30 * MIB, WELCOME, Urgency.NOBODY_WAITS))
        .isEqualTo(new Room.Granted());
    assertThat(budget.heldBytes()).isEqualTo(90 * MIB);

    assertThat(budget.room(C, 20 * MIB, WELCOME, Urgency.NOBODY_WAITS))
        .isEqualTo(new Room.Full(10 * MIB));
    budget.abandoned(B);
    assertThat(budget.room(C, 20 * MIB, WELCOME, Urgency.NOBODY_WAITS))
        .isEqualTo(new Room.Granted());
  }

  @Test
  void theLongestUnusedGivesWayAndItsMemoryIsAwaited() {
    var a = load(A, 60, WELCOME);
    pass(Duration.ofSeconds(5));
    load(B, 30, WELCOME);
    pass(Duration.ofSeconds(5));

    assertThat(budget.room(C, 50 * MIB, WELCOME, Urgency.NOBODY_WAITS))
        .isEqualTo(new Room.GiveWay(A, Reason.MEMORY));
    budget.leaving(A, a);
    assertThat(budget.room(C, 50 * MIB, WELCOME, Urgency.NOBODY_WAITS)).isEqualTo(new Room.Soon());
    budget.freed();
    assertThat(budget.room(C, 50 * MIB, WELCOME, Urgency.NOBODY_WAITS))
        .isEqualTo(new Room.Granted());
  }

  @Test
  void aCallKeepsItsVersion() {
    var a = load(A, 60, WELCOME);
    pass(Duration.ofHours(1));
    var call = a.acquire().orElseThrow();

    assertThat(budget.room(B, 60 * MIB, WELCOME, Urgency.CALLS_WAIT))
        .isEqualTo(new Room.Full(20 * MIB));
    call.close();
    assertThat(budget.room(B, 60 * MIB, WELCOME, Urgency.CALLS_WAIT))
        .isEqualTo(new Room.GiveWay(A, Reason.MEMORY));
  }

  @Test
  void lookingIsNoUse() {
    var a = load(A, 60, new Stay(false, Duration.ofSeconds(2)));
    pass(Duration.ofSeconds(1));
    a.inspect().orElseThrow().close();
    assertThat(budget.sweep()).isEmpty();
    pass(Duration.ofSeconds(1));

    assertThat(budget.sweep()).contains(new Room.GiveWay(A, Reason.IDLE));
  }

  @Test
  void aCallIsUse() {
    var a = load(A, 60, new Stay(false, Duration.ofSeconds(2)));
    pass(Duration.ofSeconds(1));
    a.acquire().orElseThrow().close();
    pass(Duration.ofSeconds(1));

    assertThat(budget.sweep()).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(budget.sweep()).contains(new Room.GiveWay(A, Reason.IDLE));
  }

  @Test
  void whatMustStayStays() {
    load(A, 60, PINNED);
    pass(Duration.ofHours(1));

    assertThat(budget.sweep()).isEmpty();
    assertThat(budget.room(B, 40 * MIB, WELCOME, Urgency.CALLS_WAIT)).isEqualTo(new Room.Granted());
    budget.abandoned(B);
    assertThat(budget.room(B, 41 * MIB, WELCOME, Urgency.CALLS_WAIT))
        .isEqualTo(
            new Room.Never(
                "it needs 41.0 MiB beside 60.0 MiB of versions that must stay loaded, but"
                    + " millrace.runtime.memory-budget allows 100.0 MiB"));
  }

  @Test
  void whatMustStayCountsFromTheBeginningOfItsLoad() {
    assertThat(budget.room(A, 60 * MIB, PINNED, Urgency.NOBODY_WAITS))
        .isEqualTo(new Room.Granted());

    assertThat(budget.room(B, 60 * MIB, WELCOME, Urgency.NOBODY_WAITS))
        .isInstanceOf(Room.Never.class);
  }

  @Test
  void whatIsLargerThanAllThereIsNeverFits() {
    load(A, 60, WELCOME);
    pass(Duration.ofHours(1));

    assertThat(budget.room(B, 101 * MIB, WELCOME, Urgency.CALLS_WAIT))
        .isEqualTo(
            new Room.Never(
                "it needs 101.0 MiB, but millrace.runtime.memory-budget allows 100.0 MiB"));
  }

  @Test
  void whatGrewBeyondTheBudgetGivesWayByItself() {
    load(A, 60, WELCOME);
    pass(Duration.ofSeconds(5));
    assertThat(budget.room(B, 40 * MIB, WELCOME, Urgency.NOBODY_WAITS))
        .isEqualTo(new Room.Granted());
    var b = new LoadedModel<Replica>(new FakeReplica(), now::get);
    budget.arrived(B, new Held(b, 50 * MIB, QUICK, WELCOME));

    assertThat(budget.sweep()).contains(new Room.GiveWay(A, Reason.MEMORY));
  }

  @Test
  void theOldReplicaCountsUntilTheNewOneHasTakenItsPlace() {
    var old = load(A, 40, WELCOME);
    assertThat(budget.room(A, 40 * MIB, WELCOME, Urgency.NOBODY_WAITS))
        .isEqualTo(new Room.Granted());
    assertThat(budget.heldBytes()).isEqualTo(80 * MIB);
    // Whoever waits for the new one must not find the old one gone.
    pass(Duration.ofHours(1));
    assertThat(budget.room(B, 30 * MIB, WELCOME, Urgency.CALLS_WAIT))
        .isEqualTo(new Room.Full(10 * MIB));

    var fresh = new LoadedModel<Replica>(new FakeReplica(), now::get);
    budget.arrived(A, new Held(fresh, 40 * MIB, QUICK, WELCOME));
    budget.leaving(A, old);
    assertThat(budget.heldBytes()).isEqualTo(40 * MIB);
  }
}
