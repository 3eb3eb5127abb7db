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
 * @param rowBytes of its outputs for one row of that size; 0 when nothing was run
 * @param failure why it took none of those that were tried; null when it took some
 */
record Trial(Optional<ProbeInputs> inputs, int size, long rowBytes, @Nullable String failure) {
  private static final int[] FREE_SIZES = {8, 16, 1, 2, 32, 64, 224};

  /** Most models have hundreds of tokens at least; some have two; the rest gets zeros. */
  private static final int[] ID_RANGES = {100, 2};

  static Trial of(OnnxModel model) {
    Signature signature = model.signature();
    Optional<LengthAxis> length = LengthAxis.of(signature);
    String first = null;
    for (int size : sizes(signature)) {
      var zeros = new ProbeInputs(signature, length, size, 1);
      Optional<List<Tensor>> row = zeros.row(0, size);
      if (row.isEmpty()) {
        return new Trial(Optional.empty(), size, 0, first);
      }
      try {
        long bytes = run(model, row.get());
        // What is too large once is not computed again.
        ProbeInputs inputs = OutputLimit.refuse(bytes).isPresent() ? zeros : varied(model, zeros);
        return new Trial(Optional.of(inputs), size, bytes, null);
      } catch (ModelExecutionException failure) {
        first = first == null ? String.valueOf(failure.getMessage()) : first;
      }
    }
    return new Trial(Optional.empty(), FREE_SIZES[0], 0, first);
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

  private static ProbeInputs varied(OnnxModel model, ProbeInputs zeros) {
    int size = zeros.freeSize();
    for (int range : ID_RANGES) {
      var inputs = new ProbeInputs(zeros.signature(), zeros.length(), size, range);
      if (takes(model, inputs.row(0, size)) && takes(model, inputs.row(1, size))) {
        return inputs;
      }
    }
    return zeros;
  }

  private static boolean takes(OnnxModel model, Optional<List<Tensor>> row) {
    try {
      return row.isPresent() && run(model, row.get()) >= 0;
    } catch (ModelExecutionException failure) {
      return false;
    }
  }

  /** Bytes of what came out. */
  private static long run(OnnxModel model, List<Tensor> inputs) throws ModelExecutionException {
    return model.run(inputs, outputs(model)).stream().mapToLong(Tensor::byteSize).sum();
  }

  /** The names of all outputs. */
  static List<String> outputs(OnnxModel model) {
    return model.signature().outputs().stream().map(TensorSignature::name).toList();
  }
}
