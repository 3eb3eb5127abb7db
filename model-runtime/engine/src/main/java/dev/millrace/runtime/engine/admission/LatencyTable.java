package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Profile.Latency;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.engine.OnnxModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Times executions by batch and length, small ones first, until the budget is used up. A cell is
 * only begun when the runs before it say that it fits into time and memory; what is left out is
 * told. The first cell of a slow model may stand on a single run.
 */
final class LatencyTable {
  private static final int[] BATCHES = {1, 2, 4, 8, 16, 32};
  private static final int[] LENGTHS = {8, 32, 128};
  private static final int FEWEST_RUNS = 3;

  /** Of quick executions, which one disturbance would otherwise decide. */
  private static final int FEWEST_QUICK_RUNS = 7;

  private static final long QUICK_NANOS = 20_000_000;
  private static final int MOST_RUNS = 50;

  /** Of one execution: beyond it, moving bytes is all that is measured. */
  private static final long MOST_BYTES = 512L << 20;

  /** More runs of one cell than fill this teach nothing new. */
  private static final long CELL_NANOS = 15_000_000;

  /** The first calls of a cold way are slow, in Java as in ONNX Runtime. */
  private static final int WARM_UP_RUNS = 100;

  private static final long WARM_UP_NANOS = 40_000_000;

  private final OnnxModel model;
  private final ProbeInputs inputs;
  private final int trialSize;
  private final Cost cost;
  private final Allowance allowance;
  private final TimeBudget budget;
  private final Consumer<String> progress;
  private final List<String> outputs;
  private final List<Latency> cells = new ArrayList<>();
  private final List<String> leftOut = new ArrayList<>();

  /** Nanoseconds of the last measured cell by length; absent when that length goes no further. */
  private final Map<Integer, Double> last = new HashMap<>();

  LatencyTable(
      OnnxModel model,
      ProbeInputs inputs,
      Trial trial,
      Measurement.Allowed allowed,
      Consumer<String> progress) {
    this.model = model;
    this.inputs = inputs;
    this.trialSize = trial.size();
    this.cost = trial.cost();
    this.allowance = allowed.facts();
    this.budget = allowed.times();
    this.progress = progress;
    this.outputs = Trial.outputs(model);
  }

  /** The cells by length, then batch. */
  List<Latency> measure(boolean batches) {
    if (budget.isNone()) {
      return List.of();
    }
    warmUp();
    int[] lengths = inputs.length().isPresent() ? lengths() : new int[] {0};
    for (int batch : BATCHES) {
      for (int length : lengths) {
        if (batch == 1 || (batches && last.containsKey(length))) {
          measure(batch, length);
        }
      }
    }
    cells.sort(Comparator.comparingInt(Latency::length).thenComparingInt(Latency::batch));
    return List.copyOf(cells);
  }

  /** What was not measured, and why, for people. */
  List<String> leftOut() {
    return List.copyOf(leftOut);
  }

  /** The usual lengths, and the one that the model is known to take. */
  private int[] lengths() {
    boolean usual = Arrays.stream(LENGTHS).anyMatch(length -> length == trialSize);
    return usual ? LENGTHS : new int[] {trialSize};
  }

  private void warmUp() {
    if (cost.runNanos() >= WARM_UP_NANOS) {
      // It has run a few times, and is slow for other reasons.
      return;
    }
    Optional<List<Tensor>> row = inputs.row(0, trialSize);
    if (row.isEmpty()) {
      return;
    }
    long end = Math.min(WARM_UP_NANOS, budget.left() / 5) + budget.now();
    try {
      for (int run = 0; run < WARM_UP_RUNS && budget.now() < end; run++) {
        model.run(row.get(), outputs);
      }
    } catch (ModelExecutionException failsNowAndThen) {
      // The cells will tell.
    }
  }

  private void measure(int batch, int length) {
    int size = inputs.length().isPresent() ? length : trialSize;
    double expected = expected(batch, length, size);
    last.remove(length);
    Optional<String> refused = refuses(batch, size, expected);
    if (refused.isPresent()) {
      leftOut.add(words(batch, length) + refused.get());
      if (batch == 1 && size == trialSize) {
        long once = micros(cost.runNanos());
        cells.add(new Latency(1, length, once, once, 1));
      }
      return;
    }
    Optional<List<Tensor>> tensors = inputs.batch(0, batch, size);
    if (tensors.isEmpty()) {
      return;
    }
    progress.accept(
        "running a batch of " + batch + (length == 0 ? "" : " rows of length " + length));
    try {
      long[] nanos = time(tensors.get());
      long p50 = nanos[nanos.length / 2];
      long p99 = nanos[Math.min(nanos.length - 1, nanos.length * 99 / 100)];
      cells.add(new Latency(batch, length, micros(p50), micros(p99), nanos.length));
      last.put(length, (double) p50);
    } catch (ModelExecutionException notThatSize) {
      // A model may know no such length: the table ends there.
    }
  }

  /** Nanoseconds of one execution, by what is known before it. */
  private double expected(int batch, int length, int size) {
    if (batch > 1) {
      return last.getOrDefault(length, 0.0) * 2;
    }
    Double shorter = last.get(shorter(length));
    return size == trialSize || shorter == null
        ? cost.nanos(0, 1) * size / Math.max(1, trialSize)
        : shorter * 2;
  }

  private Optional<String> refuses(int batch, int size, double expected) {
    double nanos =
        batch * (double) cost.makeNanos() + expected * (batch == 1 ? 1 : FEWEST_RUNS + 1);
    long bytes = cost.bytes(batch) * size / Math.max(1, trialSize);
    return allowance
        .refuses(nanos, bytes, MOST_BYTES)
        .or(
            () ->
                budget.allows(nanos)
                    ? Optional.empty()
                    : Optional.of(Allowance.tooLong(nanos, budget.left())));
  }

  private static String words(int batch, int length) {
    return (batch == 1 ? "more than one run" : "batches of " + batch + " rows and more")
        + (length == 0 ? ": " : " of length " + length + ": ");
  }

  /** The length whose time tells something of this one's, when only single rows were measured. */
  private static int shorter(int length) {
    int shorter = 0;
    for (int other : LENGTHS) {
      if (other < length) {
        shorter = other;
      }
    }
    return shorter;
  }

  private long[] time(List<Tensor> tensors) throws ModelExecutionException {
    long started = budget.now();
    model.run(tensors, outputs);
    long first = budget.now() - started;
    int fewest = first < QUICK_NANOS ? FEWEST_QUICK_RUNS : FEWEST_RUNS;
    var nanos = new ArrayList<Long>(MOST_RUNS);
    long end = budget.now() + CELL_NANOS;
    while (nanos.size() < MOST_RUNS
        && (nanos.size() < fewest || budget.now() < end)
        && budget.allows(first)) {
      long before = budget.now();
      model.run(tensors, outputs);
      nanos.add(budget.now() - before);
    }
    return nanos.isEmpty()
        ? new long[] {first}
        : nanos.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  private static long micros(long nanos) {
    return Math.max(1, Math.round(nanos / 1000.0));
  }
}
