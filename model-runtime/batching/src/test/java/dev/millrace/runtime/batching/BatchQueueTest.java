package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.batching.BatchPolicy.Decision;
import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.QueuedRequest.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules, step by step on a clock that stands still. */
class BatchQueueTest {
  private final ManualTicker ticker = new ManualTicker();
  private BatchOptions options = new BatchOptions(4, 5, 100, Duration.ZERO, 1);
  private BatchQueue<String, String> queue = new BatchQueue<>(options);

  @Test
  void joinsEqualShapesUpToTheMostRowsInOrderOfArrival() {
    offer("a1", 1, "a");
    offer("a2", 2, "a");
    offer("a3", 1, "a");
    offer("a4", 1, "a");

    assertThat(take()).containsExactly("a1", "a2", "a3");
    assertThat(take()).containsExactly("a4");
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void neverLeavesAGapByTakingASmallerOneFromBehind() {
    offer("a1", 2, "a");
    offer("a2", 3, "a");
    offer("a3", 1, "a");

    assertThat(take()).containsExactly("a1");
    assertThat(take()).containsExactly("a2", "a3");
  }

  @Test
  void runsARequestWithTooManyRowsAlone() {
    offer("big", 9, "a");
    offer("small", 1, "a");

    assertThat(take()).containsExactly("big");
    assertThat(take()).containsExactly("small");
  }

  @Test
  void servesTheShapeWhoseHeadHasWaitedLongest() {
    offer("a1", 1, "a");
    offer("b1", 1, "b");
    offer("a2", 1, "a");
    offer("b2", 1, "b");

    assertThat(take()).containsExactly("a1", "a2");
    assertThat(take()).containsExactly("b1", "b2");
    assertThat(queue.lanes()).isEmpty();
  }

  @Test
  void refusesAtOnceWhenFullOfRequests() {
    for (int i = 0; i < 5; i++) {
      assertThat(queue.offer(entry("r" + i, 1, 0, "a", never()))).isNull();
    }

    QueuedRequest<String, String> sixth = entry("r5", 1, 0, "a", never());
    assertThat(queue.offer(sixth)).isEqualTo(Reason.QUEUE_FULL);
    assertThat(sixth.state).isEqualTo(State.ENDED);
    assertThat(queue.waiting()).isEqualTo(5);
  }

  @Test
  void refusesAtOnceWhenFullOfBytesButTakesOneBigRequest() {
    assertThat(queue.offer(entry("big", 1, 500, "a", never()))).isNull();
    assertThat(queue.offer(entry("small", 1, 1, "a", never()))).isEqualTo(Reason.QUEUE_FULL);

    assertThat(take()).containsExactly("big");
    assertThat(queue.waitingBytes()).isZero();
    assertThat(queue.offer(entry("small", 1, 100, "a", never()))).isNull();
  }

  @Test
  void refusesWhatIsLateOnArrival() {
    assertThat(queue.offer(entry("late", 1, 0, "a", in(0)))).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void findsWhatHasExpiredByDeadlineNotByArrival() {
    var slow = entry("slow", 1, 0, "a", in(30));
    var quick = entry("quick", 1, 0, "b", in(10));
    queue.offer(slow);
    queue.offer(quick);
    assertThat(queue.nextDeadline()).isEqualTo(quick.request.deadlineNanos());
    assertThat(queue.expired(ticker.nanoTime())).isNull();

    ticker.advance(Duration.ofMillis(10));

    assertThat(queue.expired(ticker.nanoTime())).isSameAs(quick);
    assertThat(queue.end(quick)).isEqualTo(State.WAITING);
    assertThat(queue.expired(ticker.nanoTime())).isNull();
    assertThat(take()).containsExactly("slow");
  }

  @Test
  void findsRunningRequestsThatExpireToo() {
    var entry = entry("r", 1, 0, "a", in(10));
    queue.offer(entry);
    take();
    ticker.advance(Duration.ofMillis(11));

    assertThat(queue.expired(ticker.nanoTime())).isSameAs(entry);
    assertThat(queue.end(entry)).isEqualTo(State.RUNNING);
    assertThat(queue.running()).isZero();
  }

  @Test
  void endsEachRequestOnce() {
    var first = entry("1", 1, 7, "a", in(50));
    var second = entry("2", 1, 7, "a", never());
    queue.offer(first);
    queue.offer(second);

    assertThat(queue.end(first)).isEqualTo(State.WAITING);
    assertThat(queue.end(first)).isEqualTo(State.ENDED);
    assertThat(queue.waitingBytes()).isEqualTo(7);
    assertThat(queue.nextDeadline()).isEqualTo(BatchRequest.NO_DEADLINE);
    assertThat(take()).containsExactly("2");
  }

  @Test
  void isNotEmptyUntilTheLastBatchIsRetired() {
    offer("a", 1, "a");
    List<QueuedRequest<String, String>> batch = queue.take(queue.laneOf(queue.oldest()));
    batch.forEach(queue::end);

    assertThat(queue.isEmpty()).isFalse();
    queue.retire(batch);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void waitsForCompanyFromTheOldestArrivalOn() {
    delay(Duration.ofMillis(10));
    offer("a1", 1, "a");
    long arrival = ticker.nanoTime();
    ticker.advance(Duration.ofMillis(4));
    offer("a2", 1, "a");

    assertThat(decide(0)).isEqualTo(new Decision.WaitUntil<>(arrival + 10_000_000));
    ticker.advance(Duration.ofMillis(6));
    assertThat(take()).containsExactly("a1", "a2");
  }

  @Test
  void doesNotWaitWhileAnotherDispatcherIsIdleOrTheBatchIsFull() {
    delay(Duration.ofMillis(10));
    offer("a1", 1, "a");
    assertThat(decide(1)).isInstanceOf(Decision.Take.class);

    offer("a2", 3, "a");
    assertThat(decide(0)).isInstanceOf(Decision.Take.class);
  }

  @Test
  void takesAFullShapeWhileTheOldestWaitsForCompany() {
    delay(Duration.ofMillis(10));
    offer("a1", 1, "a");
    offer("b1", 4, "b");

    assertThat(take()).containsExactly("b1");
    assertThat(decide(0)).isInstanceOf(Decision.WaitUntil.class);
  }

  @Test
  void doesNotWaitPastHalfOfWhatTheDeadlineLeaves() {
    delay(Duration.ofMillis(10));
    long arrival = ticker.nanoTime();
    queue.offer(entry("a1", 1, 0, "a", in(6)));

    assertThat(decide(0)).isEqualTo(new Decision.WaitUntil<>(arrival + 3_000_000));
  }

  private void delay(Duration delay) {
    options = new BatchOptions(4, 100, 100, delay, 1);
    queue = new BatchQueue<>(options);
  }

  private void offer(String payload, int rows, String shape) {
    assertThat(queue.offer(entry(payload, rows, 1, shape, never()))).isNull();
  }

  private Decision<String, String> decide(int otherIdle) {
    return new OldestHeadPolicy(options).next(queue, ticker.nanoTime(), otherIdle);
  }

  private List<String> take() {
    assertThat(decide(0)).isInstanceOf(Decision.Take.class);
    var lane = ((Decision.Take<String, String>) decide(0)).lane();
    return queue.take(lane).stream().map(entry -> entry.request.payload()).toList();
  }

  private QueuedRequest<String, String> entry(
      String payload, int rows, long bytes, String shape, long deadline) {
    return new QueuedRequest<>(
        new BatchRequest<>(payload, rows, bytes, shape, deadline), ticker.nanoTime());
  }

  private static long never() {
    return BatchRequest.NO_DEADLINE;
  }

  private long in(long millis) {
    return ticker.nanoTime() + Duration.ofMillis(millis).toNanos();
  }
}
