package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.QueuePolicy.Ordering;
import dev.millrace.runtime.batching.QueuePolicy.TimeoutAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads around the queue; the executor is held and let go by the test. */
@Timeout(30)
class BatchSchedulerTest {
  private final Gate gate = new Gate();
  private final Heard heard = new Heard();
  private BatchScheduler<String, String> scheduler;

  @BeforeEach
  void start() {
    start(options(4, Duration.ZERO, 1));
  }

  @AfterEach
  void stop() {
    gate.permits.release(1_000);
    scheduler.close();
  }

  @Test
  void anIdleDispatcherTakesARequestAtOnceAndTheNextBatchFormsMeanwhile() throws Exception {
    Submission<String> first = submit("1");
    assertThat(gate.entered.take()).containsExactly("1");
    Submission<String> second = submit("2");
    Submission<String> third = submit("3");
    gate.permits.release(2);

    assertThat(get(first).value()).isEqualTo("1!");
    assertThat(gate.entered.take()).containsExactly("2", "3");
    BatchTiming timing = get(third).timing();
    assertThat(get(second).value()).isEqualTo("2!");
    assertThat(timing.batchRequests()).isEqualTo(2);
    assertThat(timing.batchRows()).isEqualTo(2);
    assertThat(timing.queueNanos()).isPositive();
    assertThat(timing.computeNanos()).isNotNegative();
  }

  @Test
  void aSubmissionTellsHowLongItWaitedOnceItIsDispatched() throws Exception {
    long before = System.nanoTime();
    Submission<String> running = occupy();
    Submission<String> waiting = submit("waits");

    assertThat(running.arrivalNanos() - before).isNotNegative();
    assertThat(running.queueNanos()).isNotNegative();
    assertThat(waiting.queueNanos()).isEqualTo(-1);
    assertThat(waiting.cancel()).isTrue();
    assertThat(waiting.queueNanos()).as("never dispatched").isEqualTo(-1);
  }

  @Test
  void aWakeUpThatIsPutOffFindsAllRequestsThatItsThreadHasBrought() throws Exception {
    var putOff = new ArrayList<Runnable>();
    scheduler.close();
    scheduler =
        BatchScheduler.start("test", options(4, Duration.ZERO, 1), gate, heard, putOff::add);
    awaitIdle();

    submit("1");
    submit("2");
    submit("3");

    assertThat(putOff).as("one wake-up for all").hasSize(1);
    assertThat(scheduler.queuedRequests()).isEqualTo(3);
    assertThat(scheduler.idleDispatchers()).isEqualTo(1);
    putOff.removeFirst().run();
    assertThat(gate.entered.take()).containsExactly("1", "2", "3");
    gate.permits.release(1);
    awaitIdle();
    submit("4");
    assertThat(putOff).as("the next ones get another").hasSize(1);
    putOff.removeFirst().run();
    assertThat(gate.entered.take()).containsExactly("4");
  }

  @Test
  void aThreadDoesNotRelyOnTheWakeUpOfAnother() throws Exception {
    var putOff = new CopyOnWriteArrayList<Runnable>();
    var owner = Thread.currentThread();
    scheduler.close();
    scheduler =
        BatchScheduler.start(
            "test",
            options(4, Duration.ZERO, 1),
            gate,
            heard,
            wake -> Thread.currentThread() == owner && putOff.add(wake));
    awaitIdle();

    submit("1");
    Thread other = Thread.ofPlatform().start(() -> submit("2"));
    other.join();

    assertThat(gate.entered.take()).as("woken by the other one").containsExactly("1", "2");
    gate.permits.release(1);
    awaitIdle();
    putOff.getFirst().run();
    assertThat(scheduler.idleDispatchers()).as("nothing to wake for").isEqualTo(1);
  }

  @Test
  void aSchedulerClosesThoughAWakeUpWasPutOffForGood() throws Exception {
    scheduler.close();
    scheduler = BatchScheduler.start("test", options(4, Duration.ZERO, 1), gate, heard, _ -> true);
    awaitIdle();
    Submission<String> last = submit("last");
    gate.permits.release(1);

    assertThat(scheduler.close(Duration.ofSeconds(20))).isTrue();
    assertThat(get(last).value()).isEqualTo("last!");
  }

  @Test
  void aFullQueueFailsAtOnce() throws Exception {
    occupy();
    for (int i = 0; i < 8; i++) {
      submit("q" + i);
    }

    assertThat(rejection(submit("late")).reason()).isEqualTo(Reason.QUEUE_FULL);
    assertThat(heard.events).contains("rejected QUEUE_FULL");
    assertThat(scheduler.queuedRequests()).isEqualTo(8);
    assertThat(scheduler.inFlight()).isEqualTo(9);
    assertThat(scheduler.queuedBytes()).isEqualTo(80);
  }

  @Test
  void aDeadlineEndsTheWaitWhileEveryDispatcherIsBusy() throws Exception {
    Submission<String> running = occupy();
    Submission<String> waits =
        scheduler.submit(request("w", Terms.until(System.nanoTime() + 20_000_000)));

    BatchRejectedException rejection = rejection(waits);

    assertThat(rejection.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(rejection.stage()).isEqualTo(BatchStage.QUEUE);
    assertThat(scheduler.queuedRequests()).isZero();
    assertThat(heard.events).contains("expired QUEUE");
    gate.permits.release();
    assertThat(get(running).value()).isEqualTo("busy!");
  }

  @Test
  void aDeadlineEndsARunningRequestAndItsResultIsDiscarded() throws Exception {
    Submission<String> runs =
        scheduler.submit(request("r", Terms.until(System.nanoTime() + 50_000_000)));
    gate.entered.take();

    assertThat(rejection(runs).stage()).isEqualTo(BatchStage.EXECUTION);
    gate.permits.release();
    assertThat(gate.discarded.take()).isEqualTo("r!");
  }

  @Test
  void aCancelledRequestLeavesTheQueueAndIsNeverExecuted() throws Exception {
    occupy();
    Submission<String> waits = submit("w");

    assertThat(waits.cancel()).isTrue();
    assertThat(waits.cancel()).isFalse();

    BatchRejectedException rejection = rejection(waits);
    assertThat(rejection.reason()).isEqualTo(Reason.CANCELLED);
    assertThat(rejection.stage()).isEqualTo(BatchStage.QUEUE);
    gate.permits.release(2);
    assertThat(get(submit("next")).value()).isEqualTo("next!");
    assertThat(gate.all).containsExactly("busy", "next");
  }

  @Test
  void cancellingARunningRequestAnswersAtOnce() throws Exception {
    Submission<String> runs = occupy();

    assertThat(runs.cancel()).isTrue();

    assertThat(rejection(runs).stage()).isEqualTo(BatchStage.EXECUTION);
    gate.permits.release();
    assertThat(gate.discarded.take()).isEqualTo("busy!");
  }

  @Test
  void onlyTheRequestAtFaultFails() throws Exception {
    occupy();
    List<Submission<String>> batch = new ArrayList<>();
    for (String payload : List.of("a", "b", "bad", "d")) {
      batch.add(submit(payload));
    }
    gate.permits.release(100);

    assertThat(get(batch.get(0)).value()).isEqualTo("a!");
    assertThat(get(batch.get(1)).timing().batchRequests()).isEqualTo(2);
    assertThatThrownBy(() -> get(batch.get(2)))
        .hasCauseInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot run bad");
    assertThat(get(batch.get(3)).value()).isEqualTo("d!");
    heard.await("dispatched 4 in 5");
  }

  @Test
  void aFailureThatIsNobodysFaultIsNotTriedAgain() throws Exception {
    occupy();
    Submission<String> first = submit("closed");
    Submission<String> second = submit("b");
    gate.permits.release(100);

    assertThatThrownBy(() -> get(first)).hasCauseInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> get(second)).hasCauseInstanceOf(IllegalStateException.class);
    heard.await("dispatched 2 in 1");
  }

  @Test
  void anErrorOrAWrongNumberOfResultsFailsTheBatchAndTheDispatcherLivesOn() throws Exception {
    gate.permits.release(100);

    assertThatThrownBy(() -> get(submit("error"))).hasCauseInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> get(submit("twice")))
        .hasMessageContaining("the executor returned 2 results for 1 requests");
    assertThat(get(submit("fine")).value()).isEqualTo("fine!");
  }

  @Test
  void closingFinishesWhatWasAcceptedAndTakesNothingMore() throws Exception {
    Submission<String> running = occupy();
    Submission<String> waits = submit("w");
    var closed = CompletableFuture.supplyAsync(() -> scheduler.close(Duration.ofSeconds(20)));
    while (rejectionNow(submit("late")) != Reason.CLOSED) {
      Thread.onSpinWait();
    }
    gate.permits.release(100);

    assertThat(closed.get()).isTrue();
    assertThat(get(running).value()).isEqualTo("busy!");
    assertThat(get(waits).value()).isEqualTo("w!");
  }

  @Test
  void closingEndsWhatDoesNotFinishInTime() throws Exception {
    Submission<String> running = occupy();
    Submission<String> waits = submit("w");

    assertThat(scheduler.close(Duration.ofMillis(20))).isFalse();

    assertThat(rejection(waits).stage()).isEqualTo(BatchStage.QUEUE);
    assertThat(rejection(running).stage()).isEqualTo(BatchStage.EXECUTION);
    assertThat(rejection(running).reason()).isEqualTo(Reason.CLOSED);
    gate.permits.release(1);
    assertThat(gate.discarded.take()).isEqualTo("busy!");
    assertThat(gate.all).containsExactly("busy");
  }

  @Test
  void waitsForCompanyWhenToldTo() throws Exception {
    scheduler.close();
    start(options(2, Duration.ofSeconds(20), 1));
    gate.permits.release(100);

    Submission<String> first = submit("1");
    Submission<String> second = submit("2");

    assertThat(get(first).timing().batchRequests()).isEqualTo(2);
    assertThat(get(second).timing().queueNanos()).isLessThan(15_000_000_000L);
  }

  @Test
  void severalInstancesRunSideBySide() throws Exception {
    scheduler.close();
    start(options(1, Duration.ZERO, 2));

    submit("1");
    submit("2");

    assertThat(List.of(gate.entered.take(), gate.entered.take()))
        .containsExactlyInAnyOrder(List.of("1"), List.of("2"));
    assertThat(gate.threads).hasSize(2).allMatch(name -> name.startsWith("millrace-batch-test-"));
  }

  @Test
  void anExecutionForWhichNobodyWaitsAnyMoreIsTerminated() throws Exception {
    gate.stoppable = true;
    occupy();
    Submission<String> first = submit("1");
    Submission<String> second = submit("2");
    gate.permits.release();
    assertThat(gate.entered.take()).containsExactly("1", "2");

    first.cancel();
    assertThat(gate.terminated.get()).isZero();
    second.cancel();

    assertThat(gate.terminated.get()).isEqualTo(1);
    heard.await("terminated");
    // Not split and tried again, and the next one runs.
    gate.permits.release();
    assertThat(get(submit("next")).value()).isEqualTo("next!");
    assertThat(gate.all).containsExactly("busy", "1", "2", "next");
  }

  @Test
  void anExpiredExecutionIsTerminatedToo() throws Exception {
    gate.stoppable = true;
    Submission<String> runs =
        scheduler.submit(request("r", Terms.until(System.nanoTime() + 50_000_000)));

    assertThat(rejection(runs).stage()).isEqualTo(BatchStage.EXECUTION);
    heard.await("terminated");
    assertThat(gate.terminated.get()).isEqualTo(1);
  }

  @Test
  void whatHasEndedBetweenDispatchAndExecutionIsLeftOut() throws Exception {
    occupy();
    Submission<String> bad = submit("bad");
    Submission<String> gone = submit("gone");
    Submission<String> good = submit("good");
    gate.permits.release(2);
    assertThat(gate.entered.take()).containsExactly("bad", "gone", "good");
    // The batch fails and is split; the halves wait at the gate.
    assertThat(gate.entered.take()).containsExactly("bad");
    gone.cancel();
    gate.permits.release(10);

    assertThatThrownBy(() -> get(bad)).hasCauseInstanceOf(IllegalArgumentException.class);
    assertThat(get(good).value()).isEqualTo("good!");
    assertThat(gate.entered.take()).containsExactly("good");
  }

  @Test
  void resultsKeepTheOrderOfArrivalWhenAskedTo() throws Exception {
    scheduler.close();
    start(
        new BatchOptions(
            1,
            Duration.ZERO,
            2,
            new QueuePolicy(
                8, 1_000, 1, Duration.ofSeconds(1), TimeoutAction.REJECT, Ordering.BY_ARRIVAL),
            SizePolicy.DEFAULT));
    List<String> order = new CopyOnWriteArrayList<>();
    Submission<String> first = submit("hold");
    gate.entered.take();
    Submission<String> second = submit("2");
    var heardFirst = first.result().thenAccept(it -> order.add(it.value()));
    var heardSecond = second.result().thenAccept(it -> order.add(it.value()));
    gate.entered.take();

    // The second is through, its result is held back.
    gate.permits.release();
    assertThat(heardSecond.toCompletableFuture()).isNotDone();
    gate.hold.release();

    heardSecond.toCompletableFuture().get(20, TimeUnit.SECONDS);
    heardFirst.toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertThat(order).containsExactly("hold!", "2!");
  }

  @Test
  void tellsWhatItHasLearned() throws Exception {
    gate.permits.release(100);
    for (int i = 0; i < 3; i++) {
      get(submit("r" + i));
    }

    assertThat(scheduler.learned().points())
        .singleElement()
        .satisfies(
            point -> {
              assertThat(point.rows()).isEqualTo(1);
              assertThat(point.latency()).isPositive();
            });
  }

  private static BatchOptions options(int rows, Duration delay, int instances) {
    return new BatchOptions(rows, delay, instances, Schedule.queueOf(8, 1_000), SizePolicy.DEFAULT);
  }

  private static BatchRequest<String> request(String payload, Terms terms) {
    return new BatchRequest<>(payload, 1, 10, "s", 0, terms);
  }

  private void start(BatchOptions options) {
    scheduler = BatchScheduler.start("test", options, gate, heard);
  }

  private void awaitIdle() {
    while (scheduler.idleDispatchers() == 0) {
      Thread.onSpinWait();
    }
  }

  private Submission<String> occupy() throws InterruptedException {
    Submission<String> busy = submit("busy");
    gate.entered.take();
    return busy;
  }

  private Submission<String> submit(String payload) {
    return scheduler.submit(request(payload, Terms.NONE));
  }

  private static BatchResult<String> get(Submission<String> submission) throws Exception {
    return submission.result().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static BatchRejectedException rejection(Submission<String> submission) {
    var failure = catchThrowableOfType(ExecutionException.class, () -> get(submission));
    return (BatchRejectedException) failure.getCause();
  }

  private static Reason rejectionNow(Submission<String> submission) {
    var future = submission.result().toCompletableFuture();
    return future.isCompletedExceptionally() ? rejection(submission).reason() : null;
  }

  /** An executor that says what it got and goes on when it may. */
  private static final class Gate implements BatchExecutor<String, String> {
    final Semaphore permits = new Semaphore(0);
    final Semaphore hold = new Semaphore(0);
    final AtomicInteger terminated = new AtomicInteger();
    volatile boolean stoppable;
    final BlockingQueue<List<String>> entered = new LinkedBlockingQueue<>();
    final BlockingQueue<String> discarded = new LinkedBlockingQueue<>();
    final List<String> all = new CopyOnWriteArrayList<>();
    final List<String> threads = new CopyOnWriteArrayList<>();

    @Override
    public List<String> execute(List<String> payloads, Termination termination) throws Exception {
      threads.add(Thread.currentThread().getName());
      all.addAll(payloads);
      var stopped = new Semaphore(0);
      termination.onTerminate(
          () -> {
            terminated.incrementAndGet();
            stopped.release();
          });
      entered.add(List.copyOf(payloads));
      Semaphore gate = payloads.contains("hold") ? hold : permits;
      while (!gate.tryAcquire(1, TimeUnit.MILLISECONDS)) {
        if (stoppable && stopped.tryAcquire()) {
          throw new CancellationException("stopped");
        }
      }
      if (payloads.contains("error")) {
        throw new AssertionError("error");
      }
      if (payloads.contains("closed")) {
        throw new IllegalStateException("closed");
      }
      if (payloads.contains("bad")) {
        throw new IllegalArgumentException("cannot run bad");
      }
      if (payloads.contains("twice")) {
        return List.of("1", "2");
      }
      return payloads.stream().map(payload -> payload + "!").toList();
    }

    @Override
    public boolean worthSplitting(Exception failure) {
      return !(failure instanceof IllegalStateException);
    }

    @Override
    public void discard(String result) {
      discarded.add(result);
    }
  }

  /** A listener that remembers. */
  private static final class Heard implements BatchListener {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void dispatched(BatchReport report) {
      assertThat(report.queueNanos()).hasSize(report.requests());
      events.add("dispatched " + report.requests() + " in " + report.executions());
    }

    @Override
    public void rejected(Reason reason) {
      events.add("rejected " + reason);
    }

    @Override
    public void terminated(long savedNanos) {
      events.add("terminated");
    }

    @Override
    public void expired(BatchStage stage, long savedNanos) {
      events.add("expired " + stage);
    }

    void await(String event) throws InterruptedException {
      while (!event.equals(events.take())) {
        continue;
      }
    }
  }
}
