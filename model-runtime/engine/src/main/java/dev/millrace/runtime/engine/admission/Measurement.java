package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.control.Profile.Invariance;
import dev.millrace.protocol.control.Profile.Latency;
import dev.millrace.protocol.control.Profile.Recommendation;
import dev.millrace.runtime.engine.OnnxModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures one loaded model within a budget of time: first what must be known before rows may share
 * an execution, then as much of the latency table as fits. For one thread, once.
 */
final class Measurement {
  private final OnnxModel model;
  private final Trial trial;
  private final PaddingProof paddingProof;
  private final Allowed allowed;
  private final Consumer<String> progress;

  Measurement(
      OnnxModel model,
      Trial trial,
      PaddingProof paddingProof,
      Allowed allowed,
      Consumer<String> progress) {
    this.model = model;
    this.trial = trial;
    this.paddingProof = paddingProof;
    this.allowed = allowed;
    this.progress = progress;
  }

  /**
   * What measuring may spend.
   *
   * @param facts for what must be known before rows may share an execution
   * @param times for the latency table, which is cut short sooner
   */
  record Allowed(Allowance facts, TimeBudget times) {}

  /** What a profile says besides where, when and how much memory. */
  record Result(
      @Nullable String lengthAxis,
      List<Latency> latency,
      Invariance batching,
      Invariance padding,
      Finding deterministic,
      Recommendation recommended,
      List<String> notMeasured) {

    /** Nanoseconds of an execution of so many rows, at the length that takes longest. */
    double slowest(int rows) {
      return latency.stream()
          .filter(cell -> cell.batch() == rows)
          .mapToDouble(cell -> cell.p50Micros() * 1e3)
          .max()
          .orElse(0);
    }

    /** The same with another division of the threads. */
    Result recommending(int instances, int threads) {
      return new Result(
          lengthAxis,
          latency,
          batching,
          padding,
          deterministic,
          new Recommendation(recommended.batch(), instances, threads),
          notMeasured);
    }
  }

  Result run(int threads) {
    if (trial.inputs().isEmpty()) {
      var unknown = Invariance.unknown("no inputs could be made from the signature");
      return new Result(
          null,
          List.of(),
          unknown,
          unknown,
          Finding.UNKNOWN,
          new Recommendation(1, 1, threads),
          List.of());
    }
    ProbeInputs inputs = trial.inputs().get();
    var notMeasured = new ArrayList<String>();
    var comparison = new Comparison(model, inputs, trial, allowed.facts());
    progress.accept("running a row alone and beside others");
    Finding deterministic = deterministic(comparison, notMeasured);
    Invariance batching = comparison.batching();
    progress.accept("running a padded row");
    Invariance padding = paddingProof.of(model, trial, batching, allowed.facts());
    // A model that fails as a batch is measured row by row.
    boolean batches = model.signature().batchable() && batching.note() == null;
    var table = new LatencyTable(model, inputs, trial, allowed, progress);
    List<Latency> latency = table.measure(batches);
    notMeasured.addAll(table.leftOut());
    int best = BestBatch.of(latency);
    return new Result(
        inputs.length().map(LengthAxis::symbol).orElse(null),
        latency,
        batching,
        padding,
        deterministic,
        new Recommendation(best, 1, threads),
        List.copyOf(notMeasured));
  }

  private static Finding deterministic(Comparison comparison, List<String> notMeasured) {
    Optional<String> refused = comparison.refusesTwice();
    if (refused.isPresent()) {
      notMeasured.add("running the same row twice: " + refused.get());
      return Finding.UNKNOWN;
    }
    return comparison.deterministic();
  }
}
