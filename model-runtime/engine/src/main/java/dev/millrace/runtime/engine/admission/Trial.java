package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.engine.OnnxModel;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The first runs of a model: finds inputs that it takes.
 *
 * @param inputs that it takes; empty when none can be made from its signature
 * @param size of the length axis, or of the free dimensions, that it takes
 * @param cost of one row of that size
 * @param failure why it took none of those that were tried; null when it took some
 */
record Trial(Optional<ProbeInputs> inputs, int size, Cost cost, @Nullable String failure) {
  private static final int[] FREE_SIZES = {8, 16, 1, 2, 32, 64, 224};

  /** Most models have hundreds of tokens at least; some have two; the rest gets zeros. */
  private static final int[] ID_RANGES = {100, 2};

  /**
   * Runs the model a few times.
   *
   * @param allowance for all runs but the first one of each size
   */
  static Trial of(OnnxModel model, Allowance allowance) {
    Signature signature = model.signature();
    Optional<LengthAxis> length = LengthAxis.of(signature);
    String first = null;
    for (int size : sizes(signature)) {
      var zeros = new ProbeInputs(signature, length, size, 1);
      try {
        Optional<Cost> cost = run(model, zeros, 0);
        if (cost.isEmpty()) {
          return new Trial(Optional.empty(), size, Cost.NONE, first);
        }
        // What is too large once is not computed again.
        boolean huge = OutputLimit.refuse(cost.get().outputBytes()).isPresent();
        boolean slow = !allowance.time().allows(2.0 * cost.get().runNanos());
        return huge || slow
            ? new Trial(Optional.of(zeros), size, cost.get(), null)
            : varied(model, zeros, cost.get());
      } catch (ModelExecutionException failure) {
        first = first == null ? String.valueOf(failure.getMessage()) : first;
      }
    }
    return new Trial(Optional.empty(), FREE_SIZES[0], Cost.NONE, first);
  }

  /** A model without free sizes fails the same way each time, and may take long for it. */
  private static int[] sizes(Signature signature) {
    boolean free =
        signature.inputs().stream()
            .anyMatch(
                input ->
                    IntStream.range(0, input.shape().size())
                        .anyMatch(
                            axis ->
                                input.shape().get(axis).isFree()
                                    && !Objects.equals(input.batchAxis(), axis)));
    return free ? FREE_SIZES : new int[] {FREE_SIZES[0]};
  }

  private static Trial varied(OnnxModel model, ProbeInputs zeros, Cost cold) {
    int size = zeros.freeSize();
    for (int range : ID_RANGES) {
      var inputs = new ProbeInputs(zeros.signature(), zeros.length(), size, range);
      try {
        if (run(model, inputs, 0).isPresent()) {
          Optional<Cost> warm = run(model, inputs, 1);
          if (warm.isPresent()) {
            return new Trial(Optional.of(inputs), size, warm.get(), null);
          }
        }
      } catch (ModelExecutionException notThose) {
        // Zeros are inputs, too.
      }
    }
    return new Trial(Optional.of(zeros), size, cold, null);
  }

  /** Runs one row and tells what that took; empty when it cannot be made. */
  private static Optional<Cost> run(OnnxModel model, ProbeInputs inputs, int row)
      throws ModelExecutionException {
    long started = System.nanoTime();
    Optional<List<Tensor>> tensors = inputs.row(row, inputs.freeSize());
    if (tensors.isEmpty()) {
      return Optional.empty();
    }
    long made = System.nanoTime();
    long outputs = model.outputBytes(tensors.get(), outputs(model));
    long run = System.nanoTime() - made;
    long bytes = tensors.get().stream().mapToLong(Tensor::byteSize).sum();
    return Optional.of(new Cost(bytes, outputs, made - started, run));
  }

  /** The names of all outputs. */
  static List<String> outputs(OnnxModel model) {
    return model.signature().outputs().stream().map(TensorSignature::name).toList();
  }
}
