package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Profile.Finding;
import dev.millrace.protocol.control.Profile.Invariance;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.engine.OnnxModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Runs the same rows alone and beside others, and compares what comes out. */
final class Comparison {
  /** What is allowed between two orders of the same additions in single precision. */
  private static final double TOLERANCE = 1e-4;

  private static final int ROWS = 4;

  /** Rows with their inputs and outputs, alone and together. */
  private static final long MOST_BYTES = 512L << 20;

  /** Two answers to one row; one row of what admission takes must fit. */
  private static final long MOST_TWICE = 1536L << 20;

  private final OnnxModel model;
  private final ProbeInputs inputs;
  private final int size;
  private final Cost cost;
  private final Allowance allowance;
  private final List<String> outputs;

  Comparison(OnnxModel model, ProbeInputs inputs, Trial trial, Allowance allowance) {
    this.model = model;
    this.inputs = inputs;
    this.size = trial.size();
    this.cost = trial.cost();
    this.allowance = allowance;
    this.outputs = Trial.outputs(model);
  }

  /** Whether a row gives the same alone and beside others. */
  Invariance batching() {
    Signature signature = model.signature();
    if (!signature.batchable()) {
      return Invariance.unknown("inputs and outputs do not share a batch axis");
    }
    Optional<String> refused =
        allowance.refuses(cost.nanos(ROWS, 2 * ROWS), cost.bytes(2 * ROWS), MOST_BYTES);
    if (refused.isPresent()) {
      return Invariance.unknown("a batch of " + ROWS + " rows was not tried: " + refused.get());
    }
    if (!inputs.comparable()) {
      return Invariance.unknown("no varied inputs could be made");
    }
    try {
      var rows = new ArrayList<List<Tensor>>();
      var alone = new ArrayList<List<Tensor>>();
      for (int row = 0; row < ROWS; row++) {
        rows.add(inputs.row(row, size).orElseThrow());
        alone.add(model.run(rows.get(row), outputs));
      }
      List<Tensor> together = model.run(inputs.joined(rows), outputs);
      double worst = 0;
      for (int row = 0; row < ROWS; row++) {
        for (int i = 0; i < outputs.size(); i++) {
          Tensor whole = together.get(i);
          Optional<String> odd = notABatch(signature.outputs().get(i), whole);
          if (odd.isPresent()) {
            return new Invariance(Finding.NO, 0, odd.get());
          }
          worst = Math.max(worst, apart(alone.get(row).get(i), row(whole, i, row)));
        }
      }
      return judged(worst);
    } catch (ModelExecutionException failure) {
      String message = "a batch of " + ROWS + " rows fails: " + failure.getMessage();
      return new Invariance(Finding.NO, 0, message);
    }
  }

  /** Why {@link #deterministic} is not tried; empty when it is. */
  Optional<String> refusesTwice() {
    return allowance.refuses(
        cost.nanos(1, 2), cost.inputBytes() + 2 * cost.outputBytes(), MOST_TWICE);
  }

  /** Whether the same inputs give the same outputs to the bit. */
  Finding deterministic() {
    Optional<List<Tensor>> row = inputs.row(0, size);
    if (row.isEmpty()) {
      return Finding.UNKNOWN;
    }
    try {
      List<Tensor> first = model.run(row.get(), outputs);
      List<Tensor> second = model.run(row.get(), outputs);
      for (int i = 0; i < outputs.size(); i++) {
        if (!Elements.same(first.get(i), second.get(i))) {
          return Finding.NO;
        }
      }
      return Finding.YES;
    } catch (ModelExecutionException failsNowAndThen) {
      return Finding.NO;
    }
  }

  private static Optional<String> notABatch(TensorSignature output, Tensor whole) {
    Integer axis = output.batchAxis();
    boolean batch = axis != null && axis < whole.rank() && whole.shape()[axis] == ROWS;
    return batch
        ? Optional.empty()
        : Optional.of(
            "output '%s' is %s for a batch of %d rows"
                .formatted(output.name(), Arrays.toString(whole.shape()), ROWS));
  }

  private Tensor row(Tensor whole, int output, int row) {
    TensorSignature signature = model.signature().outputs().get(output);
    Integer axis = signature.batchAxis();
    return axis == null ? whole : Axis.slice(whole, axis, row, 1);
  }

  /** Relative; infinite when the shapes differ. */
  static double apart(Tensor alone, Tensor other) {
    return Arrays.equals(alone.shape(), other.shape())
        ? Elements.difference(alone, other)
        : Double.POSITIVE_INFINITY;
  }

  /** By the largest difference of all outputs. */
  static Invariance judged(double worst) {
    // JSON has no infinity.
    double shown = Math.min(worst, Double.MAX_VALUE);
    return new Invariance(worst <= TOLERANCE ? Finding.YES : Finding.NO, shown, null);
  }
}
