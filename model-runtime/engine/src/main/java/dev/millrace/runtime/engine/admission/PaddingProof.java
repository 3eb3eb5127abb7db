package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.control.Profile.Invariance;
import dev.millrace.protocol.error.MillraceException;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.BatchRunner;
import dev.millrace.runtime.engine.DirectMemoryPool;
import dev.millrace.runtime.engine.InputCheck;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.engine.ModelResult;
import dev.millrace.runtime.engine.OnnxModel;
import dev.millrace.runtime.engine.PaddingPlan;
import java.util.List;
import java.util.Optional;

/**
 * Runs a row beside a longer one, by the very code and the very plan that serve requests of
 * different length, and compares it with the row alone.
 *
 * @param memory of the engine
 * @param plan how the engine pads this version; empty when it would not
 */
record PaddingProof(DirectMemoryPool memory, Optional<PaddingPlan> plan) {
  /** The row alone, the longer one, and both padded to its length, with their outputs. */
  private static final int ROWS = 7;

  private static final long MOST_BYTES = 1L << 30;

  /**
   * Whether a row gives the same when it is padded to twice its length.
   *
   * @param batching what was found for rows of equal length
   */
  Invariance of(OnnxModel model, Trial trial, Invariance batching, Allowance allowance) {
    ProbeInputs inputs = trial.inputs().orElseThrow();
    if (plan.isEmpty()) {
      return Invariance.unknown(
          "nothing says how to pad it (expected: one free dimension besides the batch, and a mask"
              + " among the inputs or pad values in millrace.yaml)");
    }
    if (!inputs.comparable()) {
      return Invariance.unknown("no varied inputs could be made");
    }
    if (batching.holds() != Finding.YES) {
      return Invariance.unknown("rows do not share an execution");
    }
    Optional<String> refused =
        allowance.refuses(trial.cost().nanos(3, ROWS), trial.cost().bytes(ROWS), MOST_BYTES);
    if (refused.isPresent()) {
      return Invariance.unknown("a padded row was not tried: " + refused.get());
    }
    int size = trial.size();
    var stretched =
        new ProbeInputs(inputs.signature(), inputs.length(), 2 * size, inputs.idRange());
    Optional<List<Tensor>> row = inputs.row(0, size);
    Optional<List<Tensor>> longer = stretched.row(1, 2 * size);
    if (row.isEmpty() || longer.isEmpty()) {
      return Invariance.unknown("a longer row would be huge");
    }
    try {
      return compare(model, plan.get(), row.get(), longer.get());
    } catch (ModelExecutionException | MillraceException failure) {
      return new Invariance(Finding.NO, 0, "a padded row fails: " + failure.getMessage());
    }
  }

  private Invariance compare(
      OnnxModel model, PaddingPlan padding, List<Tensor> row, List<Tensor> longer)
      throws ModelExecutionException {
    var check = InputCheck.of(model.signature(), padding);
    var runner = new BatchRunner(model, memory, padding);
    var request = check.check(row, List.of());
    var other = check.check(longer, List.of());
    List<ModelResult> alone = runner.execute(List.of(request));
    try {
      List<ModelResult> beside = runner.execute(List.of(request, other));
      try {
        return compare(alone.get(0).outputs(), beside.get(0).outputs());
      } finally {
        beside.forEach(ModelResult::close);
      }
    } finally {
      alone.forEach(ModelResult::close);
    }
  }

  private static Invariance compare(List<Tensor> alone, List<Tensor> padded) {
    double worst = 0;
    for (int i = 0; i < alone.size(); i++) {
      worst = Math.max(worst, Comparison.apart(alone.get(i), padded.get(i)));
    }
    return Comparison.judged(worst);
  }
}
