package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.QueuePolicy.Ordering;
import dev.millrace.runtime.batching.QueuePolicy.TimeoutAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many callers at once: each gets the answer to its own question, exactly once. */
@Timeout(60)
class BatchSchedulerFuzzTest {
  private static final int CALLERS = 8;
  private static final int CALLS = 5_000;
  private static final int POISON = 97;

  private final AtomicInteger completions = new AtomicInteger();
  private final AtomicInteger answers = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();

  @ParameterizedTest(name = "{0} instances")
  @ValueSource(ints = {1, 3})
  void everyCallerGetsItsOwnAnswerOnce(int instances) throws Exception {
    var options =
        new BatchOptions(
            16,
            Duration.ofNanos(50_000),
            instances,
            new QueuePolicy(
                1_000, 1 << 20, 2, Duration.ofMillis(1), TimeoutAction.DELAY, Ordering.BY_URGENCY),
            new SizePolicy(null, 1.15, LatencyProfile.UNKNOWN));
    var scheduler =
        BatchScheduler.<Integer, Integer>start(
            "fuzz", options, BatchSchedulerFuzzTest::square, BatchListener.NONE);
    try (var callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        int seed = caller;
        tasks.add(() -> call(scheduler, new Random(seed)));
      }
      for (var task : callers.invokeAll(tasks)) {
        task.get();
      }
    }
    assertThat(scheduler.close(Duration.ofSeconds(20))).isTrue();

    assertThat(completions).hasValue(CALLERS * CALLS);
    assertThat(answers).hasValueGreaterThan(CALLERS * CALLS / 4);
    assertThat(refusals).hasPositiveValue();
    assertThat(scheduler.inFlight()).isZero();
  }

  private Void call(BatchScheduler<Integer, Integer> scheduler, Random random)
      throws InterruptedException {
    var window = new Semaphore(50);
    for (int i = 0; i < CALLS; i++) {
      window.acquire();
      int question = random.nextInt(10_000);
      long deadline =
          random.nextInt(4) == 0
              ? System.nanoTime() + random.nextInt(2_000_000)
              : BatchRequest.NO_DEADLINE;
      var submission =
          scheduler.submit(
              new BatchRequest<>(
                  question,
                  1 + random.nextInt(3),
                  8,
                  question % 3,
                  16 + random.nextInt(8),
                  new Terms(
                      deadline, BatchRequest.NO_DEADLINE, random.nextInt(3), "p" + question % 2)));
      var checked =
          submission
              .result()
              .whenComplete(
                  (result, failure) -> {
                    completions.incrementAndGet();
                    window.release();
                    check(question, result, failure);
                  });
      assertThat(checked).isNotNull();
      if (random.nextInt(10) == 0) {
        submission.cancel();
      }
    }
    assertThat(window.tryAcquire(50, 30, TimeUnit.SECONDS)).isTrue();
    return null;
  }

  private void check(int question, BatchResult<Integer> result, Throwable failure) {
    if (result != null && result.value() == question * question && question % POISON != 0) {
      answers.incrementAndGet();
    } else if (failure instanceof BatchRejectedException rejected
        && rejected.reason() != Reason.CLOSED) {
      refusals.incrementAndGet();
    } else if (!(failure instanceof IllegalArgumentException && question % POISON == 0)) {
      // Fails the final count: this completion is as good as none.
      completions.addAndGet(-1_000_000);
    }
  }

  private static List<Integer> square(List<Integer> questions, Termination termination) {
    assertThat(questions.stream().map(question -> question % 3).distinct()).hasSize(1);
    if (questions.stream().anyMatch(question -> question % POISON == 0)) {
      throw new IllegalArgumentException("poison");
    }
    return questions.stream().map(question -> question * question).toList();
  }
}
