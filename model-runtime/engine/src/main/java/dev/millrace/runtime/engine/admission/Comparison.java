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
import java.util.Map;
import java.util.Optional;

/** Runs the same rows alone, beside others and padded, and compares what comes out. */
final class Comparison {
  /** What is allowed between two orders of the same additions in single precision. */
  private static final double TOLERANCE = 1e-4;

  private static final int ROWS = 4;

  private final OnnxModel model;
  private final ProbeInputs inputs;
  private final int size;
  private final List<String> outputs;

  Comparison(OnnxModel model, ProbeInputs inputs, int size) {
    this.model = model;
    this.inputs = inputs;
    this.size = size;
    this.outputs = Trial.outputs(model);
  }

  /** Whether a row gives the same alone and beside others. */
  Invariance batching() {
    Signature signature = model.signature();
    if (!signature.batchable()) {
      return Invariance.unknown("inputs and outputs do not share a batch axis");
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

  /**
   * Whether a row gives the same when it is padded to twice its length, beside a row of that length
   * when batches are allowed.
   */
  Invariance padding(Invariance batching, Map<String, Long> values) {
    Optional<LengthAxis> length = inputs.length();
    if (length.isEmpty()) {
      return Invariance.unknown("there is no single free dimension besides the batch");
    }
    if (!inputs.comparable()) {
      return Invariance.unknown("no varied inputs could be made");
    }
    Optional<List<Tensor>> longer = inputs.row(1, 2 * size);
    if (longer.isEmpty()) {
      return Invariance.unknown("a longer row would be huge");
    }
    try {
      List<Tensor> row = inputs.row(0, size).orElseThrow();
      List<Tensor> padded = padded(row, length.get(), values);
      List<Tensor> alone = model.run(row, outputs);
      boolean batched = batching.holds() == Finding.YES;
      List<Tensor> beside =
          model.run(batched ? inputs.joined(List.of(padded, longer.get())) : padded, outputs);
      double worst = 0;
      for (int i = 0; i < outputs.size(); i++) {
        Tensor full = batched ? row(beside.get(i), i, 0) : beside.get(i);
        Optional<Tensor> cut = cut(full, alone.get(i).shape());
        if (cut.isEmpty()) {
          String message =
              "output '%s' is %s for a padded row (expected: %s)"
                  .formatted(
                      outputs.get(i),
                      Arrays.toString(full.shape()),
                      Arrays.toString(alone.get(i).shape()));
          return new Invariance(Finding.NO, 0, message);
        }
        worst = Math.max(worst, apart(alone.get(i), cut.get()));
      }
      return judged(worst);
    } catch (ModelExecutionException failure) {
      return new Invariance(Finding.NO, 0, "a padded row fails: " + failure.getMessage());
    }
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

  private List<Tensor> padded(List<Tensor> row, LengthAxis length, Map<String, Long> values) {
    return row.stream()
        .map(
            tensor -> {
              Integer axis = length.axes().get(tensor.name());
              return axis == null
                  ? tensor
                  : Axis.pad(tensor, axis, 2L * size, values.getOrDefault(tensor.name(), 0L));
            })
        .toList();
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

  /** The beginning of a tensor that is longer along one axis; empty when it differs otherwise. */
  private static Optional<Tensor> cut(Tensor tensor, long[] shape) {
    if (Arrays.equals(tensor.shape(), shape)) {
      return Optional.of(tensor);
    }
    int axis = tensor.rank() == shape.length ? Arrays.mismatch(tensor.shape(), shape) : -1;
    if (axis < 0 || tensor.shape()[axis] < shape[axis]) {
      return Optional.empty();
    }
    Tensor cut = Axis.slice(tensor, axis, 0, shape[axis]);
    return Arrays.equals(cut.shape(), shape) ? Optional.of(cut) : Optional.empty();
  }

  private static double apart(Tensor alone, Tensor other) {
    return Arrays.equals(alone.shape(), other.shape())
        ? Elements.difference(alone, other)
        : Double.POSITIVE_INFINITY;
  }

  private static Invariance judged(double worst) {
    // JSON has no infinity.
    double shown = Math.min(worst, Double.MAX_VALUE);
    return new Invariance(worst <= TOLERANCE ? Finding.YES : Finding.NO, shown, null);
  }
}
