package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import dev.millrace.runtime.engine.Device;
import dev.millrace.runtime.engine.ModelLoadException;
import dev.millrace.runtime.engine.OnnxEngine;
import dev.millrace.runtime.engine.OnnxModel;
import dev.millrace.runtime.engine.PaddingPlan;
import dev.millrace.runtime.engine.SessionSettings;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Loads, runs and measures the version in this process: a model that crashes ONNX Runtime takes the
 * process along. What a child process runs.
 *
 * <p>The signature does not say which sizes of free dimensions a model takes (an image must be
 * larger than its kernels), so a version is only rejected when it fails for each of a few sizes. A
 * signature for which no inputs can be made is admitted on loading alone.
 */
public final class InProcessProbe implements AdmissionProbe {
  private final OnnxEngine engine;
  private final ProbeOptions options;
  private final InstantSource clock;
  private final Consumer<String> progress;

  /** A probe by that engine. */
  public InProcessProbe(OnnxEngine engine, ProbeOptions options) {
    this(engine, options, InstantSource.system(), stage -> {});
  }

  /**
   * A probe that says what it does.
   *
   * @param progress told before each stage, in words that complete "while …"
   */
  InProcessProbe(
      OnnxEngine engine, ProbeOptions options, InstantSource clock, Consumer<String> progress) {
    this.engine = engine;
    this.options = options;
    this.clock = clock;
    this.progress = progress;
  }

  @Override
  public Verdict probe(Subject subject) throws IOException {
    progress.accept("reading the file");
    Optional<String> refused = ExternalData.check(subject.modelFile());
    if (refused.isPresent()) {
      return new Verdict.Rejected(refused.get());
    }
    progress.accept("loading the model");
    long before = Residence.bytes();
    long started = System.nanoTime();
    try (OnnxModel model = engine.load(subject.modelFile(), options.session())) {
      long loadNanos = System.nanoTime() - started;
      long loaded = Math.max(0, Residence.bytes() - before);
      Signature signature = model.signature();
      if (signature.outputs().isEmpty()) {
        return new Verdict.Rejected("the model has no outputs");
      }
      Optional<String> huge = OutputLimit.refuse(signature);
      if (huge.isPresent()) {
        return new Verdict.Rejected(huge.get());
      }
      // What is wrong in a manifest must show here, not when the version is to serve.
      var padding = new PaddingProof(engine.memory(), PaddingPlan.of(signature, subject.padding()));
      progress.accept("running the model once");
      Trial trial = Trial.of(model);
      if (trial.failure() != null) {
        return new Verdict.Rejected("the model loads but fails on a sample: " + trial.failure());
      }
      huge = OutputLimit.refuse(trial.rowBytes());
      if (huge.isPresent()) {
        return new Verdict.Rejected(huge.get());
      }
      Duration loadTime = Duration.ofNanos(System.nanoTime() - started);
      var measured = measure(model, subject, new Found(trial, padding), loadNanos);
      long peak = Math.max(loaded, Residence.bytes() - before);
      return new Verdict.Admitted(
          signature,
          loadTime,
          profile(subject, measured, new Profile.Footprint(loadNanos / 1_000_000, loaded, peak)));
    } catch (ModelLoadException failure) {
      return new Verdict.Rejected(failure.reason());
    }
  }

  /** What is known before anything is measured. */
  private record Found(Trial trial, PaddingProof padding) {}

  private Measurement.Result measure(
      OnnxModel model, Subject subject, Found found, long loadNanos) {
    Trial trial = found.trial();
    SessionSettings wide = options.session();
    int threads = Objects.requireNonNullElse(wide.threads().intraOp(), options.threads());
    var budget = new TimeBudget(options.profileTime(), System::nanoTime);
    var measurement = new Measurement(model, trial, found.padding(), budget, progress);
    Measurement.Result result = measurement.run(threads);
    // A second session costs the load time again; a session of seconds is not worth the answer.
    if (threads == 1
        || options.threadsAreGiven()
        || wide.device().provider() != Device.Provider.CPU
        || trial.inputs().isEmpty()
        || budget.left() < 2 * loadNanos) {
      return result;
    }
    int rows = result.recommended().batch();
    var batch = trial.inputs().get().batch(0, rows, trial.size());
    if (batch.isEmpty() || trial.rowBytes() * rows * threads > OutputLimit.MOST_BYTES) {
      return result;
    }
    progress.accept("measuring with single-threaded instances");
    try (OnnxModel narrow = engine.load(subject.modelFile(), wide.withIntraOpThreads(1))) {
      return ThreadChoice.prefersInstances(model, narrow, batch.get(), threads, budget)
          ? result.recommending(threads, 1)
          : result;
    } catch (ModelLoadException tooMuch) {
      return result;
    }
  }

  private Profile profile(
      Subject subject, Measurement.Result measured, Profile.Footprint footprint) {
    return new Profile(
        subject.digest(),
        options.hardwareClass(),
        clock.instant(),
        engine.runtimeVersion(),
        footprint,
        measured.lengthAxis(),
        measured.latency(),
        measured.batching(),
        measured.padding(),
        measured.deterministic(),
        measured.recommended());
  }
}
