package dev.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.engine.ResidencyPolicy.Action;
import dev.millrace.runtime.engine.ResidencyPolicy.Reason;
import dev.millrace.runtime.engine.ResidencyPolicy.Resident;
import dev.millrace.runtime.engine.ResidencyPolicy.Urgency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ResidencyPolicyTest {
  private static final Duration QUICK = Duration.ofMillis(100);
  private static final Duration SLOW = Duration.ofSeconds(20);
  private static final Duration OLD = Duration.ofHours(1);

  @Test
  void doesNothingWhileEverythingFits() {
    assertThat(ResidencyPolicy.next(List.of(unused("a", 60, 900)), 100, 40))
        .isEqualTo(new Action.Proceed<String>());
    assertThat(ResidencyPolicy.next(List.<Resident<String>>of(), 100, 100))
        .isEqualTo(new Action.Proceed<String>());
  }

  @Test
  void unloadsTheLongestUnused() {
    assertThat(ResidencyPolicy.next(List.of(unused("a", 60, 10), unused("b", 40, 900)), 100, 30))
        .isEqualTo(new Action.Unload<>("b", Reason.MEMORY));
  }

  @Test
  void measuresIdleTimeInReloads() {
    var large = resident("large", 60, SLOW, Duration.ofSeconds(900));
    var small = resident("small", 40, QUICK, Duration.ofSeconds(100));

    assertThat(ResidencyPolicy.next(List.of(large, small), 100, 30))
        .isEqualTo(new Action.Unload<>("small", Reason.MEMORY));
  }

  @Test
  void keepsWhatIsPinnedInUseOrFresh() {
    var pinned = new Resident<>("p", 30, QUICK, OLD, OLD, false, true, Duration.ZERO);
    var busy = new Resident<>("b", 30, QUICK, OLD, OLD, true, false, Duration.ZERO);
    var fresh = resident("f", 30, QUICK, Duration.ofMillis(500));
    var costly = resident("c", 10, SLOW, Duration.ofSeconds(39));

    assertThat(ResidencyPolicy.next(List.of(pinned, busy, fresh, costly), 100, 20))
        .isEqualTo(new Action.Refuse<String>(20));
    assertThat(ResidencyPolicy.next(List.of(pinned, busy, fresh, costly), 50, 0))
        .isEqualTo(new Action.Proceed<String>());
  }

  @Test
  void takesTurnsWhileCallsWait() {
    Duration now = Duration.ofMillis(1);
    var had = new Resident<>("had", 60, QUICK, now, Duration.ofMillis(250), false, false, null);
    var fresh = new Resident<>("new", 60, QUICK, now, Duration.ofMillis(249), false, false, null);
    var costly = new Resident<>("c", 60, SLOW, now, Duration.ofSeconds(39), false, false, null);
    var busy = new Resident<>("b", 60, QUICK, now, OLD, true, false, null);

    assertThat(ResidencyPolicy.next(List.of(had), 100, 60, Urgency.CALLS_WAIT))
        .isEqualTo(new Action.Unload<>("had", Reason.MEMORY));
    assertThat(ResidencyPolicy.next(List.of(had), 100, 60, Urgency.NOBODY_WAITS))
        .isEqualTo(new Action.Refuse<>(20L));
    for (Resident<String> stays : List.of(fresh, costly, busy)) {
      assertThat(ResidencyPolicy.next(List.of(stays), 100, 60, Urgency.CALLS_WAIT))
          .isEqualTo(new Action.Refuse<>(20L));
    }
  }

  @Test
  void unloadsTheLongestUnusedAlsoWhileCallsWait() {
    assertThat(
            ResidencyPolicy.next(
                List.of(unused("a", 60, 10), unused("b", 40, 900)), 100, 30, Urgency.CALLS_WAIT))
        .isEqualTo(new Action.Unload<>("b", Reason.MEMORY));
  }

  @Test
  void unloadsNobodyInVain() {
    assertThat(ResidencyPolicy.next(List.of(unused("a", 60, 900)), 100, 150))
        .isEqualTo(new Action.Refuse<String>(50));
  }

  @Test
  void unloadsWhatWasIdleForAsLongAsItAskedThoughThereIsRoom() {
    var idle =
        new Resident<>(
            "i", 1, QUICK, Duration.ofSeconds(60), OLD, false, false, Duration.ofSeconds(60));
    var notYet =
        new Resident<>(
            "n", 1, QUICK, Duration.ofSeconds(59), OLD, false, false, Duration.ofSeconds(60));

    assertThat(ResidencyPolicy.next(List.of(notYet, idle), 100, 0))
        .isEqualTo(new Action.Unload<>("i", Reason.IDLE));
    assertThat(ResidencyPolicy.next(List.of(notYet), 100, 0))
        .isEqualTo(new Action.Proceed<String>());
  }

  @Test
  void comesToAnEndAndKeepsTheBudgetWheneverItCan() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 1_000; round++) {
      var residents = new ArrayList<Resident<String>>();
      int count = random.nextInt(8);
      for (int i = 0; i < count; i++) {
        residents.add(
            new Resident<>(
                "m" + i,
                1 + random.nextInt(50),
                Duration.ofMillis(random.nextInt(3_000)),
                Duration.ofMillis(random.nextInt(10_000)),
                Duration.ofMillis(10_000 + random.nextInt(10_000)),
                random.nextInt(4) == 0,
                random.nextInt(4) == 0,
                random.nextInt(4) == 0 ? Duration.ofSeconds(5) : null));
      }
      long needed = random.nextInt(100);
      Action<String> action = ResidencyPolicy.next(residents, 120, needed);
      for (int step = 0; action instanceof Action.Unload<String> unload; step++) {
        assertThat(step).as("seed %d", seed).isLessThan(count);
        Resident<String> gone =
            residents.stream().filter(one -> one.key().equals(unload.key())).findFirst().get();
        assertThat(gone.pinned() || gone.inUse()).as("seed %d", seed).isFalse();
        residents.remove(gone);
        action = ResidencyPolicy.next(residents, 120, needed);
      }
      if (needed > 0 && action instanceof Action.Proceed<String>) {
        long held = residents.stream().mapToLong(Resident::bytes).sum();
        assertThat(held + needed).as("seed %d", seed).isLessThanOrEqualTo(120);
      }
    }
  }

  private static Resident<String> unused(String key, long bytes, long seconds) {
    return resident(key, bytes, QUICK, Duration.ofSeconds(seconds));
  }

  private static Resident<String> resident(
      String key, long bytes, Duration loadTime, Duration unused) {
    return new Resident<>(key, bytes, loadTime, unused, OLD, false, false, null);
  }
}
