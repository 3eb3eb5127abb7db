package dev.millrace.runtime.server.admission;

import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.protocol.internal.Snapshot.VersionEntry;
import dev.millrace.runtime.engine.Device;
import dev.millrace.runtime.engine.EngineOptions;
import dev.millrace.runtime.engine.OnnxEngine;
import dev.millrace.runtime.engine.SessionSettings;
import dev.millrace.runtime.engine.admission.AdmissionProbe;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Subject;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import dev.millrace.runtime.engine.admission.ChildOptions;
import dev.millrace.runtime.engine.admission.ChildProbe;
import dev.millrace.runtime.engine.admission.InProcessProbe;
import dev.millrace.runtime.engine.admission.OutputLimit;
import dev.millrace.runtime.engine.admission.ProbeOptions;
import dev.millrace.runtime.server.artifact.ArtifactCache;
import dev.millrace.runtime.server.artifact.ModelFile;
import dev.millrace.runtime.server.config.RuntimeConfig.AdmissionMode;
import dev.millrace.runtime.server.config.RuntimeOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Judges one version: fetches its files, has them loaded, run and measured, and checks what the
 * model alone cannot tell. Blocks for seconds; for worker threads.
 */
@ApplicationScoped
public class VersionJudge {
  private final RuntimeOptions runtime;
  private final ArtifactCache cache;
  private final AdmissionProbe probe;

  /** A judge by these options, with files from {@code link}. */
  @Inject
  public VersionJudge(RuntimeOptions runtime, AdmissionOptions options, RegistryLink link) {
    this.runtime = runtime;
    this.cache = new ArtifactCache(runtime.cacheDirectory(), link::openArtifact);
    var measuring =
        new ProbeOptions(
            runtime.member().hardwareClass(),
            runtime.engineThreads(),
            options.profileTime(),
            runtime.engine().options());
    this.probe =
        options.mode() == AdmissionMode.CHILD
            ? child(runtime, options, measuring)
            : new LazyProbe(measuring);
  }

  private static AdmissionProbe child(
      RuntimeOptions runtime, AdmissionOptions options, ProbeOptions measuring) {
    Path folder = runtime.cacheDirectory().resolve("admission");
    // One at a time: serving goes on beside it.
    boolean processor =
        SessionSettings.of(measuring.engine()).device().provider() == Device.Provider.CPU;
    return new ChildProbe(
        measuring,
        new ChildOptions(folder, options.timeout(), options.memoryBytes(), 1, processor),
        JudgeMain.PROGRAM);
  }

  /**
   * Finds out whether a version may serve; whatever is wrong with its files is a verdict.
   *
   * @throws IOException when a file cannot be fetched or this machine cannot try: no verdict, to be
   *     tried again
   */
  Verdict judge(VersionEntry version) throws IOException, InterruptedException {
    Path folder = cache.materialize(version.digest(), version.artifacts());
    Path file;
    try {
      file = folder.resolve(ModelFile.nameIn(version.artifacts()));
    } catch (IOException noModel) {
      return new Verdict.Rejected(String.valueOf(noModel.getMessage()));
    }
    Optional<String> huge = OutputLimit.refuse(version.signature());
    if (huge.isPresent()) {
      return new Verdict.Rejected(huge.get());
    }
    Map<String, Long> padding = Optional.ofNullable(version.manifest().padding()).orElse(Map.of());
    Path natives = runtime.cacheDirectory().resolve("native");
    Map<String, String> task = TextCheck.question(version.manifest(), natives);
    Verdict verdict = probe.probe(new Subject(file, version.digest(), padding, task));
    if (!(verdict instanceof Verdict.Admitted admitted)) {
      return verdict;
    }
    Optional<String> other = otherSignature(version.signature(), admitted.signature());
    return other.isPresent() ? new Verdict.Rejected(other.get()) : admitted;
  }

  /**
   * Why the session is not what the file promised to callers; empty when it is. A version without a
   * signature on record promised nothing.
   */
  static Optional<String> otherSignature(Signature promised, Signature loaded) {
    if (promised.inputs().isEmpty() && promised.outputs().isEmpty()) {
      return Optional.empty();
    }
    return otherTensors("inputs", promised.inputs(), loaded.inputs())
        .or(() -> otherTensors("outputs", promised.outputs(), loaded.outputs()));
  }

  private static Optional<String> otherTensors(
      String role, List<TensorSignature> promised, List<TensorSignature> loaded) {
    String file = words(promised);
    String session = words(loaded);
    return file.equals(session)
        ? Optional.empty()
        : Optional.of(
            "the loaded model has the %s %s, but its file says %s".formatted(role, session, file));
  }

  private static String words(List<TensorSignature> tensors) {
    return tensors.stream()
        .map(tensor -> tensor.name() + " " + tensor.datatype())
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /** Loads the native library when the first version comes, not at start. */
  private static final class LazyProbe implements AdmissionProbe {
    private final ProbeOptions options;

    LazyProbe(ProbeOptions options) {
      this.options = options;
    }

    @Override
    public synchronized Verdict probe(Subject subject) throws IOException {
      try (OnnxEngine engine =
          OnnxEngine.start(
              new EngineOptions(
                  options.threads(),
                  1,
                  false,
                  EngineOptions.DEFAULT.poolBytes(),
                  null,
                  null,
                  null))) {
        Verdict verdict = new InProcessProbe(engine, options).probe(subject);
        if (verdict instanceof Verdict.Admitted admitted) {
          Optional<String> refused =
              new TextCheck().refused(subject, admitted.signature(), stage -> {});
          return refused.isPresent() ? new Verdict.Rejected(refused.get()) : verdict;
        }
        return verdict;
      }
    }
  }
}
