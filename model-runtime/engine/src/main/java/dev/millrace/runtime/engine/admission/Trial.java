package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import dev.millrace.runtime.engine.ModelExecutionException;
import dev.millrace.runtime.engine.OnnxModel;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first runs of a model: finds inputs that it takes.
 *
 * @param inputs that it takes; empty when none can be made from its signature
 * @param size of the length axis, or of the free dimensions, that it takes
 * @param failure why it took none of those that were tried; null when it took some
 */
record Trial(Optional<ProbeInputs> inputs, int size, @Nullable String failure) {
  private static final int[] FREE_SIZES = {8, 16, 1, 2, 32, 64, 224};

  /** Most models have hundreds of tokens at least; some have two; the rest gets zeros. */
  private static final int[] ID_RANGES = {100, 2};

  static Trial of(OnnxModel model) {
    Signature signature = model.signature();
    Optional<LengthAxis> length = LengthAxis.of(signature);
    String first = null;
    for (int size : FREE_SIZES) {
      var zeros = new ProbeInputs(signature, length, size, 1);
      Optional<List<Tensor>> row = zeros.row(0, size);
      if (row.isEmpty()) {
        return new Trial(Optional.empty(), size, first);
      }
      Optional<String> failure = failure(model, row.get());
      if (failure.isEmpty()) {
        return new Trial(Optional.of(varied(model, zeros, size)), size, null);
      }
      if (first == null) {
        first = failure.get();
      }
    }
    return new Trial(Optional.empty(), FREE_SIZES[0], first);
  }

  private static ProbeInputs varied(OnnxModel model, ProbeInputs zeros, int size) {
    for (int range : ID_RANGES) {
      var inputs = new ProbeInputs(zeros.signature(), zeros.length(), size, range);
      boolean works = true;
      for (int row = 0; row < 2 && works; row++) {
        works =
            inputs.row(row, size).filter(tensors -> failure(model, tensors).isEmpty()).isPresent();
      }
      if (works) {
        return inputs;
      }
    }
    return zeros;
  }

  private static Optional<String> failure(OnnxModel model, List<Tensor> inputs) {
    try {
      model.run(inputs, outputs(model));
      return Optional.empty();
    } catch (ModelExecutionException failure) {
      return Optional.of(String.valueOf(failure.getMessage()));
    }
  }

  /** The names of all outputs. */
  static List<String> outputs(OnnxModel model) {
    return model.signature().outputs().stream().map(TensorSignature::name).toList();
  }
}
