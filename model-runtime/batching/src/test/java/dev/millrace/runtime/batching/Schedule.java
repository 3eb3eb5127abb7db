package dev.millrace.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.batching.BatchPolicy.Decision;
import dev.millrace.runtime.batching.BatchQueue.Admission;
import dev.millrace.runtime.batching.BatchRejectedException.Reason;
import dev.millrace.runtime.batching.BatchRequest.Terms;
import dev.millrace.runtime.batching.QueuePolicy.Ordering;
import dev.millrace.runtime.batching.QueuePolicy.TimeoutAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The scheduler's rules without its threads, on a clock that stands still. */
final class Schedule {
  final ManualTicker ticker = new ManualTicker();
  final LatencyCurve curve;
  final BatchQueue<String, String> queue;
  final BatchPicker<String, String> picker;
  final BatchPolicy<String, String> policy;
  final List<Batch<String, String>> running = new ArrayList<>();

  Schedule(BatchOptions options) {
    curve = new LatencyCurve(options.sizing().seed());
    queue = new BatchQueue<>(options, curve);
    var sizer = new BatchSizer(options, curve);
    picker = new BatchPicker<>(options, curve, sizer, queue);
    policy = new BatchPolicy<>(options, curve, sizer, queue, picker);
  }

  /** Batches of up to four rows, five requests or 100 bytes waiting, no delay. */
  static BatchOptions options() {
    return new BatchOptions(4, Duration.ZERO, 1, queueOf(5, 100), SizePolicy.DEFAULT);
  }

  static QueuePolicy queueOf(int maxRequests, long maxBytes) {
    return new QueuePolicy(
        maxRequests, maxBytes, 1, Duration.ofSeconds(1), TimeoutAction.REJECT, Ordering.BY_URGENCY);
  }

  /** Many levels, a wide queue, an ageing of 100 ms. */
  static BatchOptions levels(int maxBatch, int levels) {
    return new BatchOptions(
        maxBatch,
        Duration.ZERO,
        1,
        new QueuePolicy(
            1_000,
            1 << 20,
            levels,
            Duration.ofMillis(100),
            TimeoutAction.DELAY,
            Ordering.BY_URGENCY),
        SizePolicy.DEFAULT);
  }

  static BatchOptions padding(int maxBatch, double waste) {
    return new BatchOptions(
        maxBatch,
        Duration.ZERO,
        1,
        queueOf(1_000, 1 << 20),
        new SizePolicy(null, waste, LatencyProfile.UNKNOWN));
  }

  QueuedRequest<String, String> entry(BatchRequest<String> request) {
    return new QueuedRequest<>(
        request,
        ticker.nanoTime(),
        _ -> {
          throw new UnsupportedOperationException();
        });
  }

  /** A row of the family with that length; the length is also its number of bytes. */
  QueuedRequest<String, String> offer(String payload, String family, int length, Terms terms) {
    var entry = entry(new BatchRequest<>(payload, 1, length, family, length, terms));
    assertThat(admit(entry)).as(payload).isNull();
    return entry;
  }

  QueuedRequest<String, String> offer(String payload, int rows, String family) {
    var entry = entry(new BatchRequest<>(payload, rows, 1, family, 0, Terms.NONE));
    assertThat(admit(entry)).as(payload).isNull();
    return entry;
  }

  QueuedRequest<String, String> offer(String payload, Terms terms) {
    return offer(payload, "f", 0, terms);
  }

  @Nullable Reason admit(QueuedRequest<String, String> entry) {
    return queue.offer(entry) instanceof Admission.Refused<String, String>(var reason)
        ? reason
        : null;
  }

  Decision<String, String> decide(int otherIdle) {
    return policy.next(ticker.nanoTime(), otherIdle);
  }

  Batch<String, String> takeBatch() {
    assertThat(decide(0)).isInstanceOf(Decision.Take.class);
    var head = ((Decision.Take<String, String>) decide(0)).head();
    var batch = picker.take(head, ticker.nanoTime());
    running.add(batch);
    return batch;
  }

  /** The next batch's payloads. */
  List<String> take() {
    return takeBatch().entries.stream().map(entry -> entry.request.payload()).toList();
  }

  /** Ends what runs. */
  void finish() {
    for (var batch : running) {
      batch.entries.forEach(queue::end);
      queue.retire(batch);
    }
    running.clear();
  }

  /** Makes the time of an execution well known. */
  void learn(int rows, int length, long millis) {
    for (int i = 0; i < 20; i++) {
      curve.record(rows, length, Duration.ofMillis(millis).toNanos());
    }
  }

  long in(long millis) {
    return ticker.nanoTime() + Duration.ofMillis(millis).toNanos();
  }

  Terms until(long millis) {
    return Terms.until(in(millis));
  }

  static Terms priority(int level) {
    return new Terms(BatchRequest.NO_DEADLINE, BatchRequest.NO_DEADLINE, level, "");
  }

  static Terms of(String project) {
    return new Terms(BatchRequest.NO_DEADLINE, BatchRequest.NO_DEADLINE, 0, project);
  }

  Terms leavesQueueIn(long millis) {
    return new Terms(in(60_000), in(millis), 0, "");
  }
}
