package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.tensor.DataType;
import java.util.Locale;
import java.util.Optional;

/**
 * Refuses models whose answers are too large to be sent, where the signature shows it: nothing has
 * to be loaded, let alone computed, for that. Pure.
 */
public final class OutputLimit {
  /** Answers to one row, all outputs together. */
  static final long MOST_BYTES = 512L << 20;

  private OutputLimit() {}

  /**
   * Why a model of that signature may not serve.
   *
   * @param signature its free dimensions count as 1
   * @return empty when its fixed dimensions do not speak against it
   */
  public static Optional<String> refuse(Signature signature) {
    double all = 0;
    for (TensorSignature output : signature.outputs()) {
      double bytes = output.datatype() == DataType.BYTES ? 1 : output.datatype().byteSize();
      for (Dimension dimension : output.shape()) {
        bytes *= dimension.isFree() ? 1 : dimension.size();
      }
      all += bytes;
      if (all > MOST_BYTES) {
        return Optional.of(
            "output '%s' has the shape %s: the answer to one row takes at least %s"
                    .formatted(output.name(), output.shape(), words(all))
                + " (expected: at most %s)".formatted(words(MOST_BYTES)));
      }
    }
    return Optional.empty();
  }

  /** The same for outputs that were computed. */
  static Optional<String> refuse(long bytes) {
    return bytes <= MOST_BYTES
        ? Optional.empty()
        : Optional.of(
            "the answer to one small row takes %s (expected: at most %s)"
                .formatted(words(bytes), words(MOST_BYTES)));
  }

  private static String words(double bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (1L << 30));
  }
}
