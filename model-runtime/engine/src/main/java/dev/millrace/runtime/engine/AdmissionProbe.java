package dev.millrace.runtime.engine;

import dev.millrace.protocol.control.Signature;
import java.nio.file.Path;
import java.time.Duration;

/** Finds out whether a version may serve, by loading and running it. */
public interface AdmissionProbe {
  /** What was found. */
  sealed interface Verdict {
    /**
     * The version may serve.
     *
     * @param signature what the session says its inputs and outputs are
     * @param loadTime to create the session and run it once
     */
    record Admitted(Signature signature, Duration loadTime) implements Verdict {}

    /**
     * The version may not serve.
     *
     * @param reason in ONNX Runtime's words where it spoke; fit to be shown to users
     */
    record Rejected(String reason) implements Verdict {}
  }

  /** Blocks for as long as loading and running take; a bad file is a verdict, not an exception. */
  Verdict probe(Path modelFile);
}
