package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.batching.BatchPolicy.Decision;
import dev.millrace.runtime.batching.QueuedRequest.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random arrivals, shapes, sizes, deadlines and cancellations, checked after every step against a
 * model so simple that it is plainly right: a list.
 */
class BatchQueueFuzzTest {
  private static final int STEPS = 20_000;

  private final ManualTicker ticker = new ManualTicker();
  private final List<QueuedRequest<Integer, Integer>> waiting = new ArrayList<>();
  private final List<List<QueuedRequest<Integer, Integer>>> running = new ArrayList<>();
  private int admitted;
  private int ended;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 20261124, 987654321})
  void agreesWithAList(long seed) {
    var random = new Random(seed);
    var delay = random.nextBoolean() ? Duration.ZERO : Duration.ofNanos(500);
    var options = new BatchOptions(1 + random.nextInt(8), 20, 150, delay, 2);
    var queue = new BatchQueue<Integer, Integer>(options);
    var policy = new OldestHeadPolicy(options);
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2, 3 -> arrive(queue, options, random);
        case 4 -> cancel(queue, random);
        case 5 -> dispatch(queue, options, policy);
        case 6 -> retire(queue, random);
        default -> pass(queue, random);
      }
      assertThat(queue.waiting()).isEqualTo(waiting.size());
      assertThat(queue.waitingBytes())
          .isEqualTo(waiting.stream().mapToLong(entry -> entry.request.bytes()).sum());
      assertThat(queue.running())
          .isEqualTo(running.stream().flatMap(List::stream).filter(this::isRunning).count());
      assertThat(queue.isEmpty()).isEqualTo(waiting.isEmpty() && running.isEmpty());
    }
    assertThat(queue.unfinished()).hasSize(admitted - ended);
    assertThat(ended).isGreaterThan(1_000);
  }

  private void arrive(BatchQueue<Integer, Integer> queue, BatchOptions options, Random random) {
    long now = ticker.nanoTime();
    long deadline = random.nextBoolean() ? now + random.nextInt(5_000) : BatchRequest.NO_DEADLINE;
    var request =
        new BatchRequest<>(
            admitted, 1 + random.nextInt(4), random.nextInt(40), random.nextInt(4), deadline);
    var entry = new QueuedRequest<Integer, Integer>(request, now);
    long bytes = queue.waitingBytes() + request.bytes();
    boolean full =
        waiting.size() == options.maxQueue()
            || (!waiting.isEmpty() && bytes > options.maxQueueBytes());
    boolean late = deadline != BatchRequest.NO_DEADLINE && deadline - now <= 0;

    assertThat(queue.offer(entry) == null).isEqualTo(!full && !late);
    if (!full && !late) {
      waiting.add(entry);
      admitted++;
    }
  }

  private void cancel(BatchQueue<Integer, Integer> queue, Random random) {
    if (!waiting.isEmpty() && random.nextBoolean()) {
      var entry = waiting.remove(random.nextInt(waiting.size()));
      end(queue, entry, State.WAITING);
    } else if (!running.isEmpty()) {
      var batch = running.get(random.nextInt(running.size()));
      var entry = batch.get(random.nextInt(batch.size()));
      boolean live = isRunning(entry);
      assertThat(queue.end(entry)).isEqualTo(live ? State.RUNNING : State.ENDED);
      ended += live ? 1 : 0;
    }
  }

  private void pass(BatchQueue<Integer, Integer> queue, Random random) {
    ticker.advance(Duration.ofNanos(random.nextInt(800)));
    long now = ticker.nanoTime();
    for (var entry = queue.expired(now); entry != null; entry = queue.expired(now)) {
      assertThat(entry.expiredAt(now)).isTrue();
      end(queue, entry, waiting.remove(entry) ? State.WAITING : State.RUNNING);
    }
    assertThat(waiting).noneMatch(entry -> entry.expiredAt(now));
    assertThat(queue.nextDeadline())
        .isEqualTo(
            queue.unfinished().stream()
                .filter(QueuedRequest::hasDeadline)
                .map(entry -> entry.request.deadlineNanos())
                .min(Comparator.comparingLong(deadline -> deadline - now))
                .orElse(BatchRequest.NO_DEADLINE));
  }

  private void dispatch(
      BatchQueue<Integer, Integer> queue, BatchOptions options, OldestHeadPolicy policy) {
    if (waiting.isEmpty() || running.size() == options.instances()) {
      return;
    }
    long now = ticker.nanoTime();
    if (!(policy.next(queue, now, 0) instanceof Decision.Take<Integer, Integer>(var lane))) {
      assertThat(now - waiting.get(0).arrivalNanos).isLessThan(options.maxDelay().toNanos());
      return;
    }
    var batch = queue.take(lane);
    var first = batch.get(0);
    Object shape = first.request.shapeKey();
    List<QueuedRequest<Integer, Integer>> sameShape =
        waiting.stream().filter(entry -> entry.request.shapeKey().equals(shape)).toList();
    int rows = rows(batch);
    assertThat(batch).isEqualTo(sameShape.subList(0, batch.size()));
    assertThat(batch.size() == 1 || rows <= options.maxBatchRows()).isTrue();
    if (batch.size() < sameShape.size()) {
      assertThat(rows + sameShape.get(batch.size()).request.rows())
          .isGreaterThan(options.maxBatchRows());
    }
    if (first != waiting.get(0)) {
      // Only a full shape may overtake, and only while the oldest still waits for company.
      assertThat(rows(sameShape)).isGreaterThanOrEqualTo(options.maxBatchRows());
      assertThat(now - waiting.get(0).arrivalNanos).isLessThan(options.maxDelay().toNanos());
    }
    waiting.removeAll(batch);
    running.add(batch);
  }

  private void retire(BatchQueue<Integer, Integer> queue, Random random) {
    if (running.isEmpty()) {
      return;
    }
    var batch = running.remove(random.nextInt(running.size()));
    for (var entry : batch) {
      boolean live = isRunning(entry);
      assertThat(queue.end(entry)).isEqualTo(live ? State.RUNNING : State.ENDED);
      ended += live ? 1 : 0;
    }
    queue.retire(batch);
  }

  private void end(
      BatchQueue<Integer, Integer> queue, QueuedRequest<Integer, Integer> entry, State from) {
    assertThat(queue.end(entry)).isEqualTo(from);
    assertThat(queue.end(entry)).isEqualTo(State.ENDED);
    ended++;
  }

  private boolean isRunning(QueuedRequest<Integer, Integer> entry) {
    return entry.state == State.RUNNING;
  }

  private static int rows(List<QueuedRequest<Integer, Integer>> entries) {
    return entries.stream().mapToInt(entry -> entry.request.rows()).sum();
  }
}
