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
    Allowance allowance = Allowance.of(options.bounds());
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
      Trial trial = Trial.of(model, allowance);
      if (trial.failure() != null) {
        return new Verdict.Rejected("the model loads but fails on a sample: " + trial.failure());
      }
      huge = OutputLimit.refuse(trial.cost().outputBytes());
      if (huge.isPresent()) {
        return new Verdict.Rejected(huge.get());
      }
      Duration loadTime = Duration.ofNanos(System.nanoTime() - started);
      var footprint = new Profile.Footprint(loadNanos / 1_000_000, loaded, loaded);
      var measured = measure(model, subject, new Found(trial, padding, footprint), allowance);
      long peak = Math.max(loaded, Residence.bytes() - before);
      return new Verdict.Admitted(
          signature,
          loadTime,
          profile(subject, measured, new Profile.Footprint(footprint.loadMillis(), loaded, peak)));
    } catch (ModelLoadException failure) {
      return new Verdict.Rejected(failure.reason());
    }
  }

  /** What is known before anything is measured. */
  private record Found(Trial trial, PaddingProof padding, Profile.Footprint loaded) {}

  private Measurement.Result measure(
      OnnxModel model, Subject subject, Found found, Allowance allowance) {
    Trial trial = found.trial();
    SessionSettings wide = options.session();
    int threads = Objects.requireNonNullElse(wide.threads().intraOp(), options.threads());
    var budget = new TimeBudget(options.profileTime(), System::nanoTime);
    var allowed = new Measurement.Allowed(allowance, budget);
    var measurement = new Measurement(model, trial, found.padding(), allowed, progress);
    Measurement.Result result = measurement.run(threads);
    if (threads == 1
        || options.threadsAreGiven()
        || wide.device().provider() != Device.Provider.CPU
        || trial.inputs().isEmpty()) {
      return result;
    }
    int rows = result.recommended().batch();
    // A second session costs loading again, in time and in memory; and then both run.
    double nanos = found.loaded().loadMillis() * 2e6 + 4 * result.slowest(rows);
    long bytes = found.loaded().residentBytes() + trial.cost().bytes((long) rows * threads);
    if (!budget.allows(nanos)
        || allowance.refuses(nanos, bytes, OutputLimit.MOST_BYTES).isPresent()) {
      return result;
    }
    var batch = trial.inputs().get().batch(0, rows, trial.size());
    if (batch.isEmpty()) {
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
        measured.recommended(),
        measured.notMeasured());
  }
}
