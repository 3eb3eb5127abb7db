package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.control.Profile.Invariance;
import dev.millrace.protocol.control.Profile.Latency;
import dev.millrace.protocol.control.Profile.Recommendation;
import dev.millrace.runtime.engine.OnnxModel;
import java.util.List;
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
  private final TimeBudget budget;
  private final Consumer<String> progress;

  Measurement(
      OnnxModel model,
      Trial trial,
      PaddingProof paddingProof,
      TimeBudget budget,
      Consumer<String> progress) {
    this.model = model;
    this.trial = trial;
    this.paddingProof = paddingProof;
    this.budget = budget;
    this.progress = progress;
  }

  /** What a profile says besides where, when and how much memory. */
  record Result(
      @Nullable String lengthAxis,
      List<Latency> latency,
      Invariance batching,
      Invariance padding,
      Finding deterministic,
      Recommendation recommended) {

    /** The same with another division of the threads. */
    Result recommending(int instances, int threads) {
      return new Result(
          lengthAxis,
          latency,
          batching,
          padding,
          deterministic,
          new Recommendation(recommended.batch(), instances, threads));
    }
  }

  Result run(int threads) {
    if (trial.inputs().isEmpty()) {
      var unknown = Invariance.unknown("no inputs could be made from the signature");
      return new Result(
          null, List.of(), unknown, unknown, Finding.UNKNOWN, new Recommendation(1, 1, threads));
    }
    ProbeInputs inputs = trial.inputs().get();
    var comparison = new Comparison(model, inputs, trial);
    progress.accept("running a row alone and beside others");
    Finding deterministic = comparison.deterministic();
    Invariance batching = comparison.batching();
    progress.accept("running a padded row");
    Invariance padding = paddingProof.of(model, inputs, trial, batching);
    // A model that fails as a batch is measured row by row.
    boolean batches = model.signature().batchable() && batching.note() == null;
    List<Latency> latency =
        new LatencyTable(model, inputs, trial, budget, progress).measure(batches);
    int best = BestBatch.of(latency);
    return new Result(
        inputs.length().map(LengthAxis::symbol).orElse(null),
        latency,
        batching,
        padding,
        deterministic,
        new Recommendation(best, 1, threads));
  }
}
