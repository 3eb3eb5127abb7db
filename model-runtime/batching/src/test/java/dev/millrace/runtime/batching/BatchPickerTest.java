package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.QueuePolicy.Ordering;
import dev.millrace.runtime.batching.QueuePolicy.TimeoutAction;
import dev.millrace.runtime.batching.QueuedRequest.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Priorities, fair shares, lengths, deadlines and predictions. */
class BatchPickerTest {
  private Schedule schedule = new Schedule(Schedule.levels(2, 3));

  @Test
  void servesTheMoreImportantFirstAndFillsUpWithTheLessImportant() {
    schedule.offer("low", Schedule.priority(3));
    schedule.offer("default", Schedule.priority(0));
    schedule.offer("high", Schedule.priority(1));
    schedule.offer("beyond", Schedule.priority(9));

    assertThat(schedule.take()).containsExactly("high", "default");
    assertThat(schedule.take()).containsExactly("low", "beyond");
  }

  @Test
  void anAgedRequestHeadsEveryFourthBatch() {
    schedule.offer("low", "other", 0, Schedule.priority(3));
    for (int i = 0; i < 10; i++) {
      schedule.offer("h" + i, Schedule.priority(1));
    }
    assertThat(schedule.take()).containsExactly("h0", "h1");

    schedule.ticker.advance(Duration.ofMillis(200));

    assertThat(schedule.take()).containsExactly("low");
    schedule.offer("low2", "other", 0, Schedule.priority(3));
    schedule.ticker.advance(Duration.ofMillis(200));
    assertThat(schedule.take()).containsExactly("h2", "h3");
    assertThat(schedule.take()).containsExactly("h4", "h5");
    assertThat(schedule.take()).containsExactly("h6", "h7");
    assertThat(schedule.take()).containsExactly("low2");
    assertThat(schedule.take()).containsExactly("h8", "h9");
  }

  @Test
  void projectsTakeTurns() {
    schedule = new Schedule(Schedule.levels(1, 1));
    for (int i = 0; i < 4; i++) {
      schedule.offer("a" + i, Schedule.of("a"));
    }
    schedule.offer("b0", Schedule.of("b"));
    schedule.offer("b1", Schedule.of("b"));

    assertThat(takeAll()).containsExactly("a0", "b0", "a1", "b1", "a2", "a3");
  }

  @Test
  void projectsGetEqualComputeNotEqualRequests() {
    schedule = new Schedule(Schedule.levels(1, 1));
    schedule.learn(1, 10, 10);
    schedule.learn(1, 40, 40);
    for (int i = 0; i < 4; i++) {
      schedule.offer("long" + i, "f", 40, Schedule.of("a"));
    }
    for (int i = 0; i < 16; i++) {
      schedule.offer("short" + i, "f", 10, Schedule.of("b"));
    }

    List<String> firstHalf = takeAll().subList(0, 10);
    assertThat(firstHalf).filteredOn(it -> it.startsWith("long")).hasSizeBetween(1, 3);
    assertThat(firstHalf).filteredOn(it -> it.startsWith("short")).hasSizeBetween(7, 9);
  }

  @Test
  void projectsShareABatchEvenlyToo() {
    schedule = new Schedule(Schedule.levels(4, 1));
    for (int i = 0; i < 6; i++) {
      schedule.offer("a" + i, Schedule.of("a"));
    }
    for (int i = 0; i < 6; i++) {
      schedule.offer("b" + i, Schedule.of("b"));
    }

    assertThat(schedule.take()).containsExactlyInAnyOrder("a0", "a1", "b0", "b1");
  }

  @Test
  void aFullQueueMakesRoomForTheMoreImportantAndForProjectsWithLess() {
    schedule =
        new Schedule(
            new BatchOptions(
                1,
                Duration.ZERO,
                1,
                new QueuePolicy(
                    4,
                    1 << 20,
                    2,
                    Duration.ofSeconds(1),
                    TimeoutAction.REJECT,
                    Ordering.BY_URGENCY),
                SizePolicy.DEFAULT));
    schedule.offer("low", Schedule.priority(2));
    for (int i = 0; i < 3; i++) {
      schedule.offer("a" + i, Schedule.of("a"));
    }

    schedule.offer("b0", Schedule.of("b"));
    schedule.offer("b1", Schedule.of("b"));
    var full = schedule.entry(new BatchRequest<>("b2", 1, 0, "f", 0, Schedule.of("b")));
    assertThat(schedule.admit(full)).isEqualTo(Reason.QUEUE_FULL);

    assertThat(takeAll()).containsExactlyInAnyOrder("a0", "a1", "b0", "b1");
  }

  @Test
  void joinsNeighboursInLengthWhileThePaddingStaysSmall() {
    schedule = new Schedule(Schedule.padding(8, 1.15));
    schedule.offer("100", "f", 100, Terms.NONE);
    schedule.offer("60", "f", 60, Terms.NONE);
    schedule.offer("95", "f", 95, Terms.NONE);
    schedule.offer("110", "f", 110, Terms.NONE);
    schedule.offer("111", "g", 110, Terms.NONE);
    schedule.offer("200", "f", 200, Terms.NONE);

    var batch = schedule.takeBatch();

    assertThat(batch.entries)
        .extracting(entry -> entry.request.payload())
        .containsExactly("100", "95", "110");
    assertThat(batch.maxLength).isEqualTo(110);
    assertThat(batch.paddingRatio()).isBetween(0.07, 0.08);
  }

  @Test
  void joinsEqualLengthsOnlyWherePaddingIsNotAllowed() {
    schedule = new Schedule(Schedule.padding(8, 1));
    schedule.offer("100", "f", 100, Terms.NONE);
    schedule.offer("101", "f", 101, Terms.NONE);
    schedule.offer("100 too", "f", 100, Terms.NONE);

    assertThat(schedule.take()).containsExactly("100", "100 too");
  }

  @Test
  void stopsBeforeOneMoreWouldPushTheHeadPastItsDeadline() {
    schedule = new Schedule(Schedule.padding(8, 1));
    schedule.learn(1, 0, 10);
    schedule.learn(2, 0, 20);
    schedule.learn(4, 0, 40);
    schedule.learn(8, 0, 80);
    schedule.offer("head", schedule.until(35));
    for (int i = 0; i < 5; i++) {
      schedule.offer("r" + i, Terms.NONE);
    }

    assertThat(schedule.take()).containsExactly("head", "r0", "r1");
  }

  @Test
  void dropsOnTheWayWhatCannotBeAnsweredInTimeAnyMore() {
    schedule = new Schedule(Schedule.padding(8, 1));
    schedule.learn(1, 0, 10);
    schedule.offer("head", schedule.until(5_000));
    var hopeless = schedule.offer("hopeless", schedule.until(8));
    schedule.offer("fine", Terms.NONE);

    // The head itself is chosen by urgency; here the scheduler would drop it first.
    var batch = schedule.picker.take(first("head"), schedule.ticker.nanoTime());

    assertThat(batch.hopeless).containsExactly(hopeless);
    assertThat(hopeless.state).isEqualTo(State.ENDED);
    assertThat(batch.entries).hasSize(2);
  }

  @Test
  void rejectsOnArrivalWhatIsBoundToBeLate() {
    schedule = new Schedule(Schedule.padding(1, 1));
    schedule.learn(1, 0, 10);
    schedule.offer("runs", Terms.NONE);
    schedule.take();
    // 10 ms until the instance is free and 10 ms of its own.
    assertThat(admit(schedule.until(19))).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(admit(schedule.until(24))).isNull();

    // The first one is more urgent and takes 10 ms more.
    assertThat(admit(schedule.until(29))).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(admit(schedule.until(31))).isNull();
    assertThat(admit(schedule.until(22))).as("goes before both").isNull();
  }

  @Test
  void neverRejectsOnAnUnknownOrNoisyTimeNorWhileAnInstanceIsFree() {
    schedule = new Schedule(Schedule.padding(1, 1));
    schedule.learn(1, 0, 1_000);
    assertThat(admit(schedule.until(5))).as("an instance is free").isNull();
    schedule.take();

    var unknown = new Schedule(Schedule.padding(1, 1));
    unknown.offer("runs", Terms.NONE);
    unknown.take();
    assertThat(unknown.admit(request(unknown.until(5)))).as("nothing is known").isNull();

    for (int i = 0; i < 50; i++) {
      unknown.curve.record(1, 0, i % 2 == 0 ? 10_000_000 : 100_000_000);
    }
    unknown.ticker.advance(Duration.ofSeconds(10));
    assertThat(unknown.admit(request(unknown.until(5)))).as("noise").isNull();
  }

  @Test
  void anotherProjectsBacklogMakesNobodyLate() {
    schedule = new Schedule(Schedule.padding(1, 1));
    schedule.learn(1, 0, 10);
    schedule.offer("runs", Terms.NONE);
    schedule.take();
    for (int i = 0; i < 100; i++) {
      schedule.offer("a" + i, Schedule.of("a"));
    }
    long deadline = schedule.in(1_000);

    assertThat(admit(new Terms(deadline, BatchRequest.NO_DEADLINE, 0, "b"))).isNull();
    // Its own requests come first come first served: a thousand milliseconds are taken.
    assertThat(admit(new Terms(deadline + 1, BatchRequest.NO_DEADLINE, 0, "a")))
        .isEqualTo(Reason.DEADLINE_EXCEEDED);
  }

  @Test
  void keepsTheOrderOfArrivalWhenAskedTo() {
    schedule =
        new Schedule(
            new BatchOptions(
                4,
                Duration.ZERO,
                1,
                new QueuePolicy(
                    100,
                    1 << 20,
                    2,
                    Duration.ofSeconds(1),
                    TimeoutAction.DELAY,
                    Ordering.BY_ARRIVAL),
                SizePolicy.DEFAULT));
    schedule.offer("1", "f", 1, Schedule.priority(2));
    schedule.offer("2", "f", 1, Schedule.of("b"));
    schedule.offer("3", "g", 1, Schedule.priority(1));
    schedule.offer("4", "f", 1, schedule.until(5));

    assertThat(schedule.take()).containsExactly("1", "2");
    assertThat(schedule.take()).containsExactly("3");
    assertThat(schedule.take()).containsExactly("4");
  }

  private QueuedRequest<String, String> first(String payload) {
    for (var entry = schedule.queue.room().levels().get(0).oldest();
        entry != null;
        entry = entry.next) {
      if (entry.request.payload().equals(payload)) {
        return entry;
      }
    }
    throw new AssertionError(payload);
  }

  private Reason admit(Terms terms) {
    return schedule.admit(schedule.entry(new BatchRequest<>("r", 1, 0, "f", 0, terms)));
  }

  private QueuedRequest<String, String> request(Terms terms) {
    return schedule.entry(new BatchRequest<>("r", 1, 0, "f", 0, terms));
  }

  private List<String> takeAll() {
    var all = new ArrayList<String>();
    while (schedule.queue.waiting() > 0) {
      List<String> batch = schedule.take();
      assertThat(batch).isNotEmpty();
      all.addAll(batch);
    }
    return Collections.unmodifiableList(all);
  }
}
