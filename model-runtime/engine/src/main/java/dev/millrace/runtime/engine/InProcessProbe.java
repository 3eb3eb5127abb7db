package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Loads and runs the version in this process: quick, but a model that crashes ONNX Runtime takes
 * the process along.
 *
 * <p>The signature does not say which sizes of free dimensions a model takes (an image must be
 * larger than its kernels), so a version is only rejected when it fails for each of a few sizes. A
 * signature for which no inputs can be made is admitted on loading alone.
 */
public final class InProcessProbe implements AdmissionProbe {
  private static final int[] FREE_SIZES = {8, 16, 1, 2, 32, 64, 224};

  private final OnnxEngine engine;

  /** A probe by that engine. */
  public InProcessProbe(OnnxEngine engine) {
    this.engine = engine;
  }

  @Override
  public Verdict probe(Path modelFile) {
    long started = System.nanoTime();
    try (OnnxModel model = engine.load(modelFile, SessionSettings.DEFAULT)) {
      Signature signature = model.signature();
      if (signature.outputs().isEmpty()) {
        return new Verdict.Rejected("the model has no outputs");
      }
      Optional<String> failure = run(model, signature);
      if (failure.isPresent()) {
        return new Verdict.Rejected("the model loads but fails on a sample: " + failure.get());
      }
      return new Verdict.Admitted(signature, Duration.ofNanos(System.nanoTime() - started));
    } catch (ModelLoadException failure) {
      return new Verdict.Rejected(failure.reason());
    }
  }

  private static Optional<String> run(OnnxModel model, Signature signature) {
    List<String> outputs = signature.outputs().stream().map(TensorSignature::name).toList();
    Optional<String> first = Optional.empty();
    for (int size : FREE_SIZES) {
      Optional<List<Tensor>> inputs = SyntheticInputs.of(signature, 1, size);
      if (inputs.isEmpty()) {
        return first;
      }
      try {
        model.run(inputs.get(), outputs);
        return Optional.empty();
      } catch (ModelExecutionException failure) {
        if (first.isEmpty()) {
          first = Optional.ofNullable(failure.getMessage());
        }
      }
    }
    return first;
  }
}
