package dev.millrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ArrivalScheduleTest {
  @Test
  void spacesArrivalsEvenly() {
    var schedule = new ArrivalSchedule(5_000, 1_000_000);

    assertThat(schedule.intended(0)).isEqualTo(5_000);
    assertThat(schedule.intended(1)).isEqualTo(6_000);
    assertThat(schedule.intended(250)).isEqualTo(255_000);
  }

  @Test
  void doesNotDriftWhenTheIntervalIsNoWholeNumber() {
    var schedule = new ArrivalSchedule(0, 3);

    assertThat(schedule.intended(3_000_000)).isEqualTo(1_000_000L * 1_000_000_000);
  }

  @Test
  void countsArrivalsBeforeAMoment() {
    var schedule = new ArrivalSchedule(5_000, 1_000_000);

    assertThat(schedule.before(0)).isZero();
    assertThat(schedule.before(5_000)).isZero();
    assertThat(schedule.before(5_001)).isEqualTo(1);
    assertThat(schedule.before(6_000)).isEqualTo(1);
    assertThat(schedule.before(6_001)).isEqualTo(2);
  }

  @Test
  void refusesARateThatNeverArrives() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ArrivalSchedule(0, 0))
        .withMessageContaining("rate: 0.0");
    assertThatIllegalArgumentException().isThrownBy(() -> new ArrivalSchedule(0, Double.NaN));
  }
}
