package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Signature;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** What a version must pass besides its model: a tokenizer that can be read, for example. */
@FunctionalInterface
public interface FurtherCheck {
  /** Nothing further. */
  FurtherCheck NONE = (subject, signature, progress) -> Optional.empty();

  /**
   * Looks at a version whose model was admitted. May crash, hang or eat memory when it runs in a
   * child process: that is a verdict, too.
   *
   * @param signature of the loaded model
   * @param progress told before each stage, in words that complete "while …"
   * @return why the version may not serve, fit to be shown to users; empty when it may
   * @throws IOException when this machine cannot check it; to be tried again
   */
  Optional<String> refused(
      AdmissionProbe.Subject subject, Signature signature, Consumer<String> progress)
      throws IOException;
}
