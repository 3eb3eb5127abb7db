package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.batching.BatchPolicy.Decision;
import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.QueuedRequest.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What may wait and who is joined with whom, step by step on a clock that stands still. */
class BatchQueueTest {
  private Schedule schedule = new Schedule(Schedule.options());

  @Test
  void joinsEqualShapesUpToTheMostRowsInOrderOfArrival() {
    schedule.offer("a1", 1, "a");
    schedule.offer("a2", 2, "a");
    schedule.offer("a3", 1, "a");
    schedule.offer("a4", 1, "a");

    assertThat(schedule.take()).containsExactly("a1", "a2", "a3");
    assertThat(schedule.take()).containsExactly("a4");
    assertThat(schedule.queue.waiting()).isZero();
  }

  @Test
  void neverLeavesAGapByTakingASmallerOneFromBehind() {
    schedule.offer("a1", 2, "a");
    schedule.offer("a2", 3, "a");
    schedule.offer("a3", 1, "a");

    assertThat(schedule.take()).containsExactly("a1");
    assertThat(schedule.take()).containsExactly("a2", "a3");
  }

  @Test
  void runsARequestWithTooManyRowsAlone() {
    schedule.offer("big", 9, "a");
    schedule.offer("small", 1, "a");

    assertThat(schedule.take()).containsExactly("big");
    assertThat(schedule.take()).containsExactly("small");
  }

  @Test
  void servesTheShapeWhoseHeadHasWaitedLongest() {
    schedule.offer("a1", 1, "a");
    schedule.offer("b1", 1, "b");
    schedule.offer("a2", 1, "a");
    schedule.offer("b2", 1, "b");

    assertThat(schedule.take()).containsExactly("a1", "a2");
    assertThat(schedule.take()).containsExactly("b1", "b2");
  }

  @Test
  void refusesAtOnceWhenFullOfRequests() {
    for (int i = 0; i < 5; i++) {
      schedule.offer("r" + i, 1, "a");
    }

    var sixth = schedule.entry(new BatchRequest<>("r5", 1, 0, "a", 0, Terms.NONE));
    assertThat(schedule.admit(sixth)).isEqualTo(Reason.QUEUE_FULL);
    assertThat(sixth.state).isEqualTo(State.ENDED);
    assertThat(schedule.queue.waiting()).isEqualTo(5);
  }

  @Test
  void refusesAtOnceWhenFullOfBytesButTakesOneBigRequest() {
    schedule.offer("big", "a", 500, Terms.NONE);
    var small = schedule.entry(new BatchRequest<>("small", 1, 1, "a", 0, Terms.NONE));
    assertThat(schedule.admit(small)).isEqualTo(Reason.QUEUE_FULL);

    assertThat(schedule.take()).containsExactly("big");
    assertThat(schedule.queue.waitingBytes()).isZero();
    schedule.offer("small", "a", 100, Terms.NONE);
  }

  @Test
  void refusesWhatIsLateOnArrival() {
    var late = schedule.entry(new BatchRequest<>("late", 1, 0, "a", 0, schedule.until(0)));

    assertThat(schedule.admit(late)).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(schedule.queue.waiting()).isZero();
  }

  @Test
  void findsWhatHasExpiredByDeadlineNotByArrival() {
    var slow = schedule.offer("slow", "a", 0, schedule.until(30));
    var quick = schedule.offer("quick", "b", 0, schedule.until(10));
    assertThat(schedule.queue.nextTimer()).isEqualTo(quick.deadlineNanos());
    assertThat(schedule.queue.expired(now())).isNull();

    schedule.ticker.advance(Duration.ofMillis(10));

    assertThat(schedule.queue.expired(now())).isSameAs(quick);
    assertThat(schedule.queue.end(quick)).isEqualTo(State.WAITING);
    assertThat(schedule.queue.expired(now())).isNull();
    assertThat(schedule.queue.nextTimer()).isEqualTo(slow.deadlineNanos());
    assertThat(schedule.take()).containsExactly("slow");
  }

  @Test
  void findsRunningRequestsThatExpireToo() {
    var entry = schedule.offer("r", schedule.until(10));
    schedule.take();
    schedule.ticker.advance(Duration.ofMillis(11));

    assertThat(schedule.queue.expired(now())).isSameAs(entry);
    assertThat(schedule.queue.end(entry)).isEqualTo(State.RUNNING);
    assertThat(schedule.queue.running()).isZero();
  }

  @Test
  void endsEachRequestOnce() {
    var first = schedule.offer("1", "a", 7, schedule.until(50));
    schedule.offer("2", "a", 7, Terms.NONE);

    assertThat(schedule.queue.end(first)).isEqualTo(State.WAITING);
    assertThat(schedule.queue.end(first)).isEqualTo(State.ENDED);
    assertThat(schedule.queue.waitingBytes()).isEqualTo(7);
    assertThat(schedule.queue.nextTimer()).isEqualTo(BatchRequest.NO_DEADLINE);
    assertThat(schedule.take()).containsExactly("2");
  }

  @Test
  void isNotEmptyUntilTheLastBatchIsRetired() {
    schedule.offer("a", 1, "a");
    schedule.takeBatch().entries.forEach(schedule.queue::end);

    assertThat(schedule.queue.isEmpty()).isFalse();
    schedule.finish();
    assertThat(schedule.queue.isEmpty()).isTrue();
  }

  @Test
  void servesTheEarlierDeadlineFirstButLetsItOvertakeForTheAgeingTimeOnly() {
    schedule.offer("patient", 1, "a");
    schedule.ticker.advance(Duration.ofMillis(10));
    schedule.offer("hurried", "b", 0, schedule.until(500));
    assertThat(schedule.take()).containsExactly("hurried");

    // 900 ms later a deadline in 200 ms lies beyond the second that the first may be overtaken.
    schedule.ticker.advance(Duration.ofMillis(900));
    schedule.offer("too late to overtake", "b", 0, schedule.until(200));
    assertThat(schedule.take()).containsExactly("patient");
  }

  @Test
  void aRequestThatWaitedTooLongInTheQueueIsRejected() {
    var entry = schedule.offer("r", schedule.leavesQueueIn(5));
    schedule.ticker.advance(Duration.ofMillis(5));

    assertThat(schedule.queue.expired(now())).isSameAs(entry);
  }

  @Test
  void theQueueTimeoutDoesNotCountOnceItRuns() {
    var entry = schedule.offer("r", schedule.leavesQueueIn(5));
    schedule.take();
    schedule.ticker.advance(Duration.ofSeconds(5));

    assertThat(schedule.queue.expired(now())).isNull();
    assertThat(schedule.queue.nextTimer()).isEqualTo(entry.deadlineNanos());
  }

  @Test
  void aRequestThatWaitedTooLongGoesBehindTheOthersWhereTheActionIsDelay() {
    schedule = new Schedule(Schedule.levels(1, 1));
    var delayed = schedule.offer("delayed", schedule.leavesQueueIn(5));
    schedule.ticker.advance(Duration.ofMillis(6));
    schedule.offer("later", Terms.NONE);

    assertThat(schedule.queue.expired(now())).isNull();
    assertThat(schedule.take()).containsExactly("later");
    assertThat(schedule.queue.nextTimer()).isEqualTo(delayed.deadlineNanos());
    assertThat(schedule.take()).containsExactly("delayed");
  }

  @Test
  void waitsForCompanyFromTheOldestArrivalOn() {
    delay(Duration.ofMillis(10));
    schedule.offer("a1", 1, "a");
    long arrival = now();
    schedule.ticker.advance(Duration.ofMillis(4));
    schedule.offer("a2", 1, "a");

    assertThat(schedule.decide(0)).isEqualTo(new Decision.WaitUntil<>(arrival + 10_000_000));
    schedule.ticker.advance(Duration.ofMillis(6));
    assertThat(schedule.take()).containsExactly("a1", "a2");
  }

  @Test
  void doesNotWaitWhileAnotherDispatcherIsIdleOrTheBatchIsFull() {
    delay(Duration.ofMillis(10));
    schedule.offer("a1", 1, "a");
    assertThat(schedule.decide(1)).isInstanceOf(Decision.Take.class);

    schedule.offer("a2", 3, "a");
    assertThat(schedule.decide(0)).isInstanceOf(Decision.Take.class);
  }

  @Test
  void doesNotWaitWhereABiggerBatchDoesNotPay() {
    delay(Duration.ofMillis(10));
    schedule.learn(1, 0, 10);
    schedule.learn(4, 0, 60);
    schedule.offer("a1", 1, "a");

    assertThat(schedule.decide(0)).isInstanceOf(Decision.Take.class);
  }

  @Test
  void takesAFullShapeWhileTheOldestWaitsForCompany() {
    delay(Duration.ofMillis(10));
    schedule.offer("a1", 1, "a");
    schedule.offer("b1", 4, "b");

    assertThat(schedule.take()).containsExactly("b1");
    assertThat(schedule.decide(0)).isInstanceOf(Decision.WaitUntil.class);
  }

  @Test
  void doesNotWaitPastTheSlackOfTheHead() {
    delay(Duration.ofMillis(10));
    long arrival = now();
    var head = schedule.offer("a1", schedule.until(6));
    assertThat(schedule.decide(0)).isEqualTo(new Decision.WaitUntil<>(arrival + 3_000_000));

    // Known to take a millisecond, it may wait until there is time for two.
    schedule.learn(4, 0, 1);
    assertThat(schedule.decide(0))
        .isEqualTo(new Decision.WaitUntil<>(head.deadlineNanos() - 2_000_000));
  }

  private void delay(Duration delay) {
    schedule =
        new Schedule(
            new BatchOptions(4, delay, 1, Schedule.queueOf(100, 1_000), SizePolicy.DEFAULT));
  }

  private long now() {
    return schedule.ticker.nanoTime();
  }
}
