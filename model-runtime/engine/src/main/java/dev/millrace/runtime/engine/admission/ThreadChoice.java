package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.engine.OnnxModel;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Compares one execution of many threads with many executions of one thread, by rows per second on
 * the same processors.
 */
final class ThreadChoice {
  private static final long LONGEST_NANOS = 150_000_000;

  /** One wide execution answers sooner, so a little less throughput is worth it. */
  private static final double WORTH = 1.1;

  private ThreadChoice() {}

  /**
   * Whether single-threaded instances do more than one instance of {@code threads}; false when
   * there is no time to find out.
   *
   * @param wide one session of {@code threads}
   * @param narrow one session of one thread, called by {@code threads} at once
   */
  static boolean prefersInstances(
      OnnxModel wide, OnnxModel narrow, List<Tensor> batch, int threads, TimeBudget budget) {
    long each = Math.min(LONGEST_NANOS, budget.left() / 3);
    if (each <= 0) {
      return false;
    }
    double together = rate(wide, batch, 1, each, budget);
    double apart = rate(narrow, batch, threads, each, budget);
    return apart > together * WORTH;
  }

  /** Executions per second by that many callers at once. */
  private static double rate(
      OnnxModel model, List<Tensor> batch, int callers, long nanos, TimeBudget budget) {
    var runs = new AtomicLong();
    long started = budget.now();
    var threads = new Thread[callers];
    for (int i = 0; i < callers; i++) {
      threads[i] =
          Thread.ofPlatform()
              .name("millrace-measure-" + i)
              .daemon()
              .start(() -> run(model, batch, started + nanos, runs, budget));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return 0;
    }
    return runs.get() * 1e9 / Math.max(1, budget.now() - started);
  }

  private static void run(
      OnnxModel model, List<Tensor> batch, long end, AtomicLong runs, TimeBudget budget) {
    List<String> outputs = Trial.outputs(model);
    try {
      do {
        model.run(batch, outputs);
        runs.incrementAndGet();
      } while (budget.now() < end);
    } catch (ModelExecutionException failsNowAndThen) {
      // Fewer runs make this division lose.
    }
  }
}
