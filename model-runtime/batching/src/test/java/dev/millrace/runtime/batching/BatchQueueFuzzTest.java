package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.batching.BatchPolicy.Decision;
import dev.millrace.runtime.batching.BatchQueue.Admission;
import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.QueuePolicy.Ordering;
import dev.millrace.runtime.batching.QueuePolicy.TimeoutAction;
import dev.millrace.runtime.batching.QueuedRequest.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random arrivals, families, lengths, sizes, deadlines, priorities, projects and cancellations
 * under random options, checked after every step against a model so simple that it is plainly
 * right: a list. Executions take a time that is close to linear in rows and length.
 */
class BatchQueueFuzzTest {
  private static final int STEPS = 20_000;
  private static final int INSTANCES = 2;
  private static final Duration AGEING = Duration.ofNanos(4_000);

  private final ManualTicker ticker = new ManualTicker();
  private final List<QueuedRequest<Integer, Integer>> waiting = new ArrayList<>();
  private final List<Batch<Integer, Integer>> running = new ArrayList<>();
  private final Set<QueuedRequest<Integer, Integer>> ended = new HashSet<>();
  private Random random = new Random();
  private BatchOptions options = BatchOptions.DEFAULT;
  private LatencyCurve curve = new LatencyCurve(LatencyProfile.UNKNOWN);
  private BatchQueue<Integer, Integer> queue = new BatchQueue<>(options, curve);
  private BatchPicker<Integer, Integer> picker;
  private BatchPolicy<Integer, Integer> policy;
  private int admitted;
  private int batches;
  private int lastTaken = -1;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 20261124, 987654321})
  void agreesWithAList(long seed) {
    prepare(seed);
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> arrive();
        case 3 -> cancel();
        case 4, 5 -> dispatch();
        case 6 -> finish();
        default -> pass();
      }
      check();
    }
    assertThat(queue.unfinished()).hasSize(admitted - ended.size());
    assertThat(ended).hasSizeGreaterThan(1_000);
    drain();
  }

  private void prepare(long seed) {
    random = new Random(seed);
    var action = random.nextBoolean() ? TimeoutAction.REJECT : TimeoutAction.DELAY;
    var ordering = random.nextInt(4) == 0 ? Ordering.BY_ARRIVAL : Ordering.BY_URGENCY;
    options =
        new BatchOptions(
            1 + random.nextInt(8),
            random.nextBoolean() ? Duration.ZERO : Duration.ofNanos(500),
            INSTANCES,
            new QueuePolicy(20, 150, 1 + random.nextInt(3), AGEING, action, ordering),
            new SizePolicy(
                random.nextBoolean() ? null : Duration.ofNanos(4_000),
                random.nextBoolean() ? 1 : 1.3,
                LatencyProfile.UNKNOWN));
    System.out.printf("fuzz: seed %d, %s%n", seed, options);
    curve = new LatencyCurve(LatencyProfile.UNKNOWN);
    queue = new BatchQueue<>(options, curve);
    var sizer = new BatchSizer(options, curve);
    picker = new BatchPicker<>(options, curve, sizer, queue);
    policy = new BatchPolicy<>(options, curve, sizer, queue, picker);
  }

  private void check() {
    assertThat(queue.waiting()).isEqualTo(waiting.size());
    assertThat(queue.waiting()).isLessThanOrEqualTo(options.queue().maxRequests());
    assertThat(queue.waitingBytes())
        .isEqualTo(waiting.stream().mapToLong(entry -> entry.request.bytes()).sum());
    assertThat(queue.waitingBytes() <= options.queue().maxBytes() || waiting.size() == 1).isTrue();
    assertThat(queue.room().costNanos())
        .isEqualTo(waiting.stream().mapToLong(entry -> entry.savingNanos).sum());
    assertThat(queue.running())
        .isEqualTo(
            running.stream().flatMap(it -> it.entries.stream()).filter(this::isRunning).count());
    assertThat(queue.isEmpty()).isEqualTo(waiting.isEmpty() && running.isEmpty());
  }

  private void arrive() {
    long now = ticker.nanoTime();
    long deadline = random.nextBoolean() ? now + random.nextInt(9_000) : BatchRequest.NO_DEADLINE;
    long timeout = random.nextInt(4) == 0 ? now + random.nextInt(3_000) : BatchRequest.NO_DEADLINE;
    var terms = new Terms(deadline, timeout, random.nextInt(4), "p" + random.nextInt(3));
    var request =
        new BatchRequest<>(
            admitted,
            1 + random.nextInt(3),
            random.nextInt(40),
            random.nextInt(3),
            8 + random.nextInt(6),
            terms);
    var entry = new QueuedRequest<Integer, Integer>(request, now, _ -> false);
    boolean late =
        deadline != BatchRequest.NO_DEADLINE && deadline - now <= 0
            || timeout != BatchRequest.NO_DEADLINE && timeout - now <= 0;
    long bytes = queue.waitingBytes() + request.bytes();
    boolean full =
        waiting.size() == options.queue().maxRequests()
            || (!waiting.isEmpty() && bytes > options.queue().maxBytes());

    switch (queue.offer(entry)) {
      case Admission.Queued<Integer, Integer> _ -> {
        assertThat(late || full).isFalse();
        waiting.add(entry);
        admitted++;
      }
      case Admission.Displaced<Integer, Integer>(var other) -> {
        assertThat(full).isTrue();
        assertThat(waiting.remove(other)).isTrue();
        assertThat(options.queue().ordering()).isEqualTo(Ordering.BY_URGENCY);
        over(other);
        waiting.add(entry);
        admitted++;
      }
      case Admission.Refused<Integer, Integer>(var reason) -> {
        assertThat(entry.state).isEqualTo(State.ENDED);
        assertThat(reason).isIn(Reason.QUEUE_FULL, Reason.DEADLINE_EXCEEDED);
        if (reason == Reason.QUEUE_FULL) {
          assertThat(full).isTrue();
        } else if (!late) {
          assertThat(running).as("a free instance rejects nothing").hasSize(INSTANCES);
          assertThat(entry.hasDeadline()).isTrue();
        }
      }
    }
  }

  private void cancel() {
    if (!waiting.isEmpty() && random.nextBoolean()) {
      var entry = waiting.remove(random.nextInt(waiting.size()));
      end(entry, State.WAITING);
    } else if (!running.isEmpty()) {
      var batch = running.get(random.nextInt(running.size()));
      var entry = batch.entries.get(random.nextInt(batch.entries.size()));
      if (isRunning(entry)) {
        end(entry, State.RUNNING);
      } else {
        assertThat(queue.end(entry)).isEqualTo(State.ENDED);
      }
    }
  }

  private void pass() {
    ticker.advance(Duration.ofNanos(random.nextInt(800)));
    long now = ticker.nanoTime();
    for (var entry = queue.expired(now); entry != null; entry = queue.expired(now)) {
      assertThat(entry.expiredAt(now) || entry.queueTimedOutAt(now)).isTrue();
      end(entry, waiting.remove(entry) ? State.WAITING : State.RUNNING);
    }
    assertThat(waiting).noneMatch(entry -> entry.expiredAt(now));
    if (options.queue().timeoutAction() == TimeoutAction.REJECT) {
      assertThat(waiting).noneMatch(entry -> entry.queueTimedOutAt(now));
    }
    long next = queue.nextTimer();
    assertThat(next == BatchRequest.NO_DEADLINE || next - now > 0).isTrue();
  }

  private void dispatch() {
    if (waiting.isEmpty() || running.size() == INSTANCES) {
      return;
    }
    long now = ticker.nanoTime();
    if (!(policy.next(now, 0) instanceof Decision.Take<Integer, Integer>(var head))) {
      var oldest = waiting.stream().min(Comparator.comparingLong(it -> it.arrivalNanos - now));
      assertThat(now - oldest.orElseThrow().arrivalNanos).isLessThan(options.maxDelay().toNanos());
      return;
    }
    var batch = picker.take(head, now);
    assertThat(batch.entries).contains(head).doesNotHaveDuplicates();
    assertThat(waiting).containsAll(batch.entries).containsAll(batch.hopeless);
    waiting.removeAll(batch.entries);
    waiting.removeAll(batch.hopeless);
    batch.hopeless.forEach(this::over);
    assertThat(batch.number).isEqualTo(batches++);
    assertThat(batch.rows).isEqualTo(rows(batch.entries));
    assertThat(batch.entries.size() == 1 || batch.rows <= options.maxBatchRows()).isTrue();
    assertThat(batch.entries)
        .extracting(entry -> entry.request.familyKey())
        .containsOnly(head.request.familyKey());
    checkLengths(batch);
    if (options.queue().ordering() == Ordering.BY_ARRIVAL) {
      for (var entry : batch.entries) {
        assertThat(entry.request.payload()).isGreaterThan(lastTaken);
        lastTaken = entry.request.payload();
      }
      assertThat(waiting).allMatch(entry -> entry.request.payload() > lastTaken);
    }
    running.add(batch);
  }

  private void checkLengths(Batch<Integer, Integer> batch) {
    long useful = 0;
    int longest = 0;
    for (var entry : batch.entries) {
      useful += (long) entry.request.rows() * entry.request.length();
      longest = Math.max(longest, entry.request.length());
    }
    assertThat((double) longest * batch.rows)
        .isLessThanOrEqualTo(useful * options.sizing().paddingWaste() + 1e-9);
    assertThat(batch.maxLength).isEqualTo(longest);
  }

  private void finish() {
    if (running.isEmpty()) {
      return;
    }
    var batch = running.remove(random.nextInt(running.size()));
    curve.record(
        batch.rows, batch.maxLength, 300 + 20L * batch.rows * batch.maxLength + random.nextInt(50));
    for (var entry : batch.entries) {
      if (isRunning(entry)) {
        end(entry, State.RUNNING);
      }
    }
    queue.retire(batch);
  }

  /** Without new arrivals everything that waits is served. */
  private void drain() {
    int rounds = 0;
    while (!queue.isEmpty()) {
      ticker.advance(Duration.ofNanos(500));
      dispatch();
      finish();
      check();
      assertThat(rounds++).isLessThan(1_000);
    }
    assertThat(ended).hasSize(admitted);
  }

  private void end(QueuedRequest<Integer, Integer> entry, State from) {
    assertThat(queue.end(entry)).isEqualTo(from);
    assertThat(queue.end(entry)).isEqualTo(State.ENDED);
    over(entry);
  }

  private void over(QueuedRequest<Integer, Integer> entry) {
    assertThat(entry.state).isEqualTo(State.ENDED);
    assertThat(ended.add(entry)).as("ended once").isTrue();
  }

  private boolean isRunning(QueuedRequest<Integer, Integer> entry) {
    return entry.state == State.RUNNING;
  }

  private static int rows(List<QueuedRequest<Integer, Integer>> entries) {
    return entries.stream().mapToInt(entry -> entry.request.rows()).sum();
  }
}
