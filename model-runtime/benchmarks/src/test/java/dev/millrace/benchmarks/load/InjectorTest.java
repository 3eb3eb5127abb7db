package dev.millrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** An open loop at 1,000 calls a second, its clock moved by hand. */
class InjectorTest {
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final double RATE = 1_000;

  private final ManualTicker ticker = new ManualTicker();
  private final HeldTarget target = new HeldTarget();

  @Test
  void startsEachCallWhenItIsDueAndSaysWhenTheNextIs() {
    Injector injector = injector(Duration.ZERO, Duration.ofMillis(10));

    assertThat(injector.issueDue()).isEqualTo(MILLISECOND.toNanos());
    assertThat(target.held).hasSize(1);

    ticker.advance(Duration.ofNanos(999_999));
    assertThat(injector.issueDue()).isEqualTo(1);
    assertThat(target.held).hasSize(1);

    ticker.advance(Duration.ofNanos(1));
    injector.issueDue();
    assertThat(target.held).hasSize(2);
  }

  @Test
  void endsWithTheWindow() {
    Injector injector = injector(Duration.ofMillis(5), Duration.ofMillis(10));
    ticker.advance(Duration.ofSeconds(1));

    assertThat(injector.issueDue()).isEqualTo(-1);
    assertThat(target.held).hasSize(15);
    assertThat(injector.planned()).isEqualTo(10);
  }

  @Test
  void aStalledServerCostsEveryCallThatWasMeantToStartMeanwhile() {
    Injector injector = injector(Duration.ZERO, Duration.ofMillis(100));
    // The server answers nothing for 100 ms, then everything at once.
    for (int i = 0; i < 100; i++) {
      injector.issueDue();
      ticker.advance(MILLISECOND);
    }
    target.answerAll();

    Histogram latencies = injector.counted().takeLatencies();
    assertThat(latencies.getTotalCount()).isEqualTo(100);
    assertThat(latencies.getMinValue()).isCloseTo(1_000_000, within(0.01));
    assertThat(latencies.getValueAtPercentile(50)).isCloseTo(51_000_000, within(0.02));
    assertThat(latencies.getMaxValue()).isCloseTo(100_000_000, within(0.01));
  }

  @Test
  void aStalledClientCountsItsOwnDelayToo() {
    Injector injector = injector(Duration.ZERO, Duration.ofMillis(50));
    // Nothing is started for 50 ms; then every call goes out and is answered in no time.
    ticker.advance(Duration.ofMillis(50));
    injector.issueDue();
    target.answerAll();

    Histogram latencies = injector.counted().takeLatencies();
    assertThat(latencies.getTotalCount()).isEqualTo(50);
    assertThat(latencies.getMaxValue()).isCloseTo(50_000_000, within(0.01));
    assertThat(latencies.getMinValue()).isCloseTo(1_000_000, within(0.01));
  }

  @Test
  void isVoidWhenTheClientCannotHoldTheRate() {
    Injector injector = injector(Duration.ZERO, Duration.ofMillis(100));
    // The client sleeps through the window's second half.
    ticker.advance(Duration.ofMillis(50));
    injector.issueDue();
    ticker.advance(Duration.ofMillis(100));
    injector.issueDue();
    target.answerAll();

    LoadResult.Injection injection = injector.injection();
    assertThat(injection.planned()).isEqualTo(100);
    assertThat(injection.sent()).isEqualTo(51);
    assertThat(injection.held()).isFalse();
  }

  @Test
  void holdsTheRateHoweverSlowTheServerIs() {
    Injector injector = injector(Duration.ZERO, Duration.ofMillis(100));
    for (int i = 0; i < 100; i++) {
      injector.issueDue();
      ticker.advance(MILLISECOND);
    }

    assertThat(injector.injection().held()).isTrue();
    assertThat(injector.outstanding()).isEqualTo(100);
  }

  @Test
  void keepsTheWarmUpOutOfTheLatenciesButNotItsProblems() {
    Injector injector = injector(Duration.ofMillis(10), Duration.ofMillis(10));
    injector.issueDue();
    target.held.remove().wrong("not mine");
    ticker.advance(Duration.ofMillis(20));
    injector.issueDue();
    target.answerAll();

    assertThat(injector.counted().takeLatencies().getTotalCount()).isEqualTo(10);
    assertThat(injector.counted().wrong()).isZero();
    assertThat(injector.warmUp().wrong()).isEqualTo(1);
    assertThat(injector.warmUp().firstProblem()).isEqualTo("wrong answer: not mine");
    assertThat(injector.outstanding()).isZero();
  }

  private Injector injector(Duration warmUp, Duration window) {
    return new Injector(
        target,
        new ArrivalSchedule(ticker.getAsLong(), RATE),
        new LoadPlan(4, warmUp, window),
        ticker);
  }

  private static org.assertj.core.data.Percentage within(double share) {
    return org.assertj.core.data.Percentage.withPercentage(share * 100);
  }

  /** Keeps every call until the test answers it. */
  private static final class HeldTarget implements Target {
    private final Deque<Answered> held = new ArrayDeque<>();

    @Override
    public void call(int lane, long index, Answered answered) {
      answered.sent();
      held.add(answered);
    }

    void answerAll() {
      while (!held.isEmpty()) {
        held.remove().ok();
      }
    }

    @Override
    public void close() {}
  }
}
