package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import dev.millrace.runtime.engine.ModelLoadException;
import dev.millrace.runtime.engine.OnnxEngine;
import dev.millrace.runtime.engine.OnnxModel;
import dev.millrace.runtime.engine.SessionSettings;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
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
    try (OnnxModel model = engine.load(subject.modelFile(), settings(options.threads()))) {
      long loadNanos = System.nanoTime() - started;
      long loaded = Math.max(0, Residence.bytes() - before);
      Signature signature = model.signature();
      if (signature.outputs().isEmpty()) {
        return new Verdict.Rejected("the model has no outputs");
      }
      progress.accept("running the model once");
      Trial trial = Trial.of(model);
      if (trial.failure() != null) {
        return new Verdict.Rejected("the model loads but fails on a sample: " + trial.failure());
      }
      Duration loadTime = Duration.ofNanos(System.nanoTime() - started);
      var measured = measure(model, subject, trial, loadNanos);
      long peak = Math.max(loaded, Residence.bytes() - before);
      return new Verdict.Admitted(
          signature,
          loadTime,
          profile(subject, measured, new Profile.Footprint(loadNanos / 1_000_000, loaded, peak)));
    } catch (ModelLoadException failure) {
      return new Verdict.Rejected(failure.reason());
    }
  }

  private Measurement.Result measure(
      OnnxModel model, Subject subject, Trial trial, long loadNanos) {
    var budget = new TimeBudget(options.profileTime(), System::nanoTime);
    var measurement = new Measurement(model, trial, subject.padding(), budget, progress);
    Measurement.Result result = measurement.run(options.threads());
    // A second session costs the load time again; a session of seconds is not worth the answer.
    if (options.threads() == 1 || trial.inputs().isEmpty() || budget.left() < 2 * loadNanos) {
      return result;
    }
    var batch = trial.inputs().get().batch(0, result.recommended().batch(), trial.size());
    if (batch.isEmpty()) {
      return result;
    }
    progress.accept("measuring with single-threaded instances");
    try (OnnxModel narrow = engine.load(subject.modelFile(), settings(1))) {
      return ThreadChoice.prefersInstances(model, narrow, batch.get(), options.threads(), budget)
          ? result.recommending(options.threads(), 1)
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

  private static SessionSettings settings(int threads) {
    return SessionSettings.DEFAULT.withIntraOpThreads(threads);
  }
}
