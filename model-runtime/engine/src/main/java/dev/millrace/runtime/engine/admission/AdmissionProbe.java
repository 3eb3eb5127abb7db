package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Finds out whether a version may serve, by loading, running and measuring it. */
public interface AdmissionProbe {
  /**
   * What is judged.
   *
   * @param modelFile the {@code .onnx} file; external data lies beside it
   * @param digest of the version's files, for the profile
   * @param padding value by input name that the manifest says to pad with
   * @param task what a {@link FurtherCheck} must know about the version, by names of its own
   */
  record Subject(
      Path modelFile, String digest, Map<String, Long> padding, Map<String, String> task) {
    public Subject {
      padding = Map.copyOf(padding);
      task = Map.copyOf(task);
    }

    /** A version with nothing further to check. */
    public Subject(Path modelFile, String digest, Map<String, Long> padding) {
      this(modelFile, digest, padding, Map.of());
    }
  }

  /** What was found. */
  sealed interface Verdict {
    /**
     * The version may serve.
     *
     * @param signature what the session says its inputs and outputs are
     * @param loadTime to create the session and run it once
     * @param profile what was measured
     */
    record Admitted(Signature signature, Duration loadTime, Profile profile) implements Verdict {}

    /**
     * The version may not serve.
     *
     * @param reason in ONNX Runtime's words where it spoke; fit to be shown to users
     */
    record Rejected(String reason) implements Verdict {}
  }

  /**
   * Blocks for as long as loading and measuring take. Whatever is wrong with the model is a
   * verdict, not an exception.
   *
   * @throws IOException when this machine could not try it; to be tried again
   */
  Verdict probe(Subject subject) throws IOException, InterruptedException;
}
