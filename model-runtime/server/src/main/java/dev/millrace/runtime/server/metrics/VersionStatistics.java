package dev.millrace.runtime.server.metrics;

import dev.millrace.protocol.grpc.InferBatchStatistics;
import dev.millrace.protocol.grpc.InferStatistics;
import dev.millrace.protocol.grpc.ModelStatistics;
import dev.millrace.protocol.grpc.StatisticDuration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the protocol's statistics extension tells of one version, since this runtime started: of all
 * its replicas one after another, and of all endpoints that it serves. Counting allocates nothing
 * for a call. Safe from many threads; a reading while calls run may be a few calls apart in itself.
 */
public final class VersionStatistics {
  private final Span success = new Span();
  private final Span fail = new Span();
  private final Span queue = new Span();
  private final Span input = new Span();
  private final Span compute = new Span();
  private final Span output = new Span();
  private final Span hit = new Span();
  private final Span miss = new Span();
  private final LongAdder inferences = new LongAdder();
  private final LongAdder executions = new LongAdder();
  private final Map<Integer, Span> batches = new ConcurrentSkipListMap<>();
  private volatile long lastInference;

  /**
   * One call was answered.
   *
   * @param nanos from its arrival to its answer
   * @param queueNanos of which it waited; 0 for an answer that was kept
   */
  public void succeeded(long nanos, long queueNanos) {
    success.add(nanos);
    queue.add(queueNanos);
  }

  /** One call failed, so long after its arrival. */
  public void failed(long nanos) {
    fail.add(nanos);
  }

  /** The answer of one call was computed: how long it was read, computed and written. */
  public void computed(long inputNanos, long computeNanos, long outputNanos) {
    input.add(inputNanos);
    compute.add(computeNanos);
    output.add(outputNanos);
  }

  /** An answer was there already. */
  public void cacheHit(long lookupNanos) {
    hit.add(lookupNanos);
  }

  /** An answer was not there. */
  public void cacheMiss(long lookupNanos) {
    miss.add(lookupNanos);
  }

  /** So many rows were computed together, in so many executions. */
  void batch(int rows, int runs, long computeNanos, long nowMillis) {
    inferences.add(rows);
    executions.add(runs);
    batches.computeIfAbsent(rows, missing -> new Span()).add(computeNanos);
    lastInference = nowMillis;
  }

  /** All of it, for the protocol. */
  public ModelStatistics.Builder read() {
    var statistics =
        ModelStatistics.newBuilder()
            .setLastInference(lastInference)
            .setInferenceCount(inferences.sum())
            .setExecutionCount(executions.sum())
            .setInferenceStats(
                InferStatistics.newBuilder()
                    .setSuccess(success.read())
                    .setFail(fail.read())
                    .setQueue(queue.read())
                    .setComputeInput(input.read())
                    .setComputeInfer(compute.read())
                    .setComputeOutput(output.read())
                    .setCacheHit(hit.read())
                    .setCacheMiss(miss.read()));
    batches.forEach(
        (rows, span) ->
            statistics.addBatchStats(
                InferBatchStatistics.newBuilder()
                    .setBatchSize(rows)
                    .setComputeInput(StatisticDuration.getDefaultInstance())
                    .setComputeInfer(span.read())
                    .setComputeOutput(StatisticDuration.getDefaultInstance())));
    return statistics;
  }

  /** How often and how long. */
  private static final class Span {
    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    void add(long duration) {
      count.increment();
      nanos.add(duration);
    }

    StatisticDuration read() {
      return StatisticDuration.newBuilder().setCount(count.sum()).setNs(nanos.sum()).build();
    }
  }
}
